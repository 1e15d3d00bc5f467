/**
 * Helpers for tests that open the page.
 *
 * - {@link chromiumPath} is the browser of the tests.
 * - {@link chromiumFlags} let it run anywhere and ask no other host.
 *
 * @packageDocumentation
 */

/** Debian's Chromium, which `.ci/setup --tools` installs. */
export const chromiumPath: string = '/usr/bin/chromium';

/** The flags with which Chromium asks no other host and needs no sandbox. */
export const chromiumFlags: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // A small /dev/shm, as in containers, must not end it.
  '--disable-dev-shm-usage',
];
