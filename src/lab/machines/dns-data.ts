/** Values of DNS records in presentation form, as zones hold them, turned into what dns-packet writes. */

/** Undefined for a type that the lab's name server can't write. */
export function dataOf(type: string, value: string): unknown {
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return value;
    case 'TXT':
      return textsOf(value);
    case 'MX': {
      const [preference, exchange] = value.split(' ');
      return { preference: Number(preference), exchange };
    }
    case 'SRV': {
      const [priority, weight, port, target] = value.split(' ');
      return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
    }
    case 'SOA': {
      const [mname, rname, ...numbers] = value.split(' ');
      const [serial, refresh, retry, expire, minimum] = numbers.map(Number);
      return { mname, rname, serial, refresh, retry, expire, minimum };
    }
    default:
      return undefined;
  }
}

/** Quoted strings with backslash escapes; a lone word needs no quotes. */
const textsOf = (value: string): string[] =>
  [...value.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, word]) =>
    (quoted ?? word ?? '').replace(/\\(.)/g, '$1'),
  );
