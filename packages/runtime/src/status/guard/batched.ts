/**
 * Returns a function that makes one result at a time, however often it is called: calls during one share the next, which begins
 * after them. So requests in any number cost the data plane one report after another.
 */
export function batched<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let current: Promise<Result> | undefined;
  let next: Promise<Result> | undefined;
  const begin = (): Promise<Result> => {
    const made = make();
    current = made;
    const end = () => {
      if (current === made) current = undefined;
    };
    made.then(end, end);
    return made;
  };
  return () => {
    if (next !== undefined) return next;
    if (current === undefined) return begin();
    next = current
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  };
}
