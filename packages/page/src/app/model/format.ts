import type { Endpoint } from '../../facts.ts';

const units = ['', 'k', 'M', 'G', 'T'] as const;

/** Formats a number with three digits and a unit's prefix, such as `12.3 M`. */
function scaled(value: number, unit: string): string {
  let rest = value;
  let step = 0;
  while (rest >= 999.5 && step < units.length - 1) {
    rest /= 1_000;
    step++;
  }
  const digits = step === 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
  return `${rest.toFixed(digits)} ${units[step]}${unit}`.trim();
}

export function bitRate(octetsPerSecond: number): string {
  return scaled(octetsPerSecond * 8, 'bit/s');
}

export function packetRate(perSecond: number): string {
  return `${perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : scaled(Math.round(perSecond), '')}/s`;
}

export function octets(count: number): string {
  return scaled(count, 'B');
}

/** Formats a whole number with thin spaces between thousands. */
export function whole(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

export function since(iso: string, now: number): string {
  return duration(now - Date.parse(iso));
}

export function endpoint(value: Endpoint | undefined): string | undefined {
  return value && `${value.address}:${value.port}`;
}

/** Formats a time of day, after the date if that is not today's. */
export function clock(time: string | number, now: number): string {
  const date = new Date(time);
  const day =
    date.toDateString() === new Date(now).toDateString()
      ? ''
      : `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, `;
  return `${day}${date.toLocaleTimeString('en-GB')}`;
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
