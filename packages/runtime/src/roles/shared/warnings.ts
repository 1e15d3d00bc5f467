export const rateLimitWarning =
  'Limits per source are off: this is for benchmarks and lets anybody misuse this host against others.';
