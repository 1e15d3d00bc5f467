export const rateLimitWarning =
  'Limits per source are off: anyone can misuse this host to attack others. Use rate-limit = "off" for benchmarks only.';
