/**
 * A loopback address of this process alone. On the one that all share, a port that is let go for a moment, or was only looked up
 * to be free, may be somebody else's next: the system gives it to whoever asks for any.
 */

/** Labs take their networks from below these. */
const firstNetwork = 251;

export const ownHost = `127.${firstNetwork + ((process.pid >> 16) & 3)}.${(process.pid >> 8) & 255}.${process.pid & 255}`;
