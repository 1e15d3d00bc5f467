/**
 * Helpers for tests that open the page.
 *
 * - {@link chromium} is the browser of the tests.
 *
 * @packageDocumentation
 */

/** Debian's Chromium, which `.ci/setup --tools` installs, and the flags with which it asks no other host and needs no sandbox. */
export const chromium: { readonly path: string; readonly flags: readonly string[] } = {
  path: '/usr/bin/chromium',
  flags: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    // A small /dev/shm, as in containers, must not end it.
    '--disable-dev-shm-usage',
  ],
};
