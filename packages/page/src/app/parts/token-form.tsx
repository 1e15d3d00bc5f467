import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';

interface TokenFormProps {
  /** Whether the program refused the last token. */
  readonly isRefused: boolean;
  readonly use: (token: string) => void;
}

/** Asks a person for the token of the status server. */
export function TokenForm({ isRefused, use }: TokenFormProps): VNode {
  const input = useRef<HTMLInputElement>(null);
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        use(input.current?.value.trim() ?? '');
      }}
    >
      <h2>This program asks for a token</h2>
      <p>It is the content of the file that the key http-token names. This tab remembers it until it is closed.</p>
      {isRefused && <p role="alert">The program refused this token. Compare it with the file.</p>}
      <label>
        Token <input ref={input} type="password" autocomplete="current-password" required />
      </label>
      <button type="submit">Show the status</button>
    </form>
  );
}
