/** Caches values derived from a stored object, such as a plan or a service, for as long as the object exists. */
export function memoize<K extends object, V>(derive: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (of) => {
    let kept = known.get(of);
    if (!kept) {
      kept = { value: derive(of) };
      known.set(of, kept);
    }
    return kept.value;
  };
}
