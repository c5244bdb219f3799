/**
 * The environment of everything that happens in a lab: the user's without any AWS setting, and the lab's over it. A profile, a
 * session token or a service's own endpoint would lead calls out of the lab, into an account that is real.
 */

/** Switches that the SDK would look up by itself where the environment is silent; with a lab's endpoint they can only fail. */
const off = { AWS_USE_FIPS_ENDPOINT: 'false', AWS_USE_DUALSTACK_ENDPOINT: 'false', AWS_DEFAULTS_MODE: 'legacy' };

export function labEnvironment(
  user: NodeJS.ProcessEnv,
  lab: Readonly<Record<string, string>> = {},
): Record<string, string | undefined> {
  const kept = Object.entries(user).filter(([name]) => !name.startsWith('AWS_') || name.startsWith('AWS_SDK_JS_'));
  return { ...Object.fromEntries(kept), ...off, ...lab };
}

/**
 * Variables of the user's that would lead an AWS client past a lab whose variables are laid over them: they must be unset in
 * the shell.
 */
export const leadingOut = (user: NodeJS.ProcessEnv, lab: Readonly<Record<string, string>>): string[] =>
  Object.keys(user)
    .filter((name) => !(name in lab) && leads.some((pattern) => pattern.test(name)))
    .toSorted();

const leads = [
  /^AWS_(DEFAULT_)?PROFILE$/,
  /^AWS_(SESSION|SECURITY)_TOKEN$/,
  /^AWS_ENDPOINT_URL_/,
  /^AWS_IGNORE_CONFIGURED_ENDPOINT_URLS$/,
  /^AWS_USE_(FIPS|DUALSTACK)_ENDPOINT$/,
  /^AWS_(ROLE_ARN|WEB_IDENTITY_TOKEN_FILE)$/,
];
