/** Nothing that goes wrong in here may reach the page: every way in is wrapped by `safely`. */

let telling = false;

/** Say on the console what goes wrong from now on. */
export function tellFaults(): void {
  telling = true;
}

/** Keep a fault to ourselves. */
export function swallow(fault: unknown): void {
  if (telling) console.warn("footfall:", fault);
}

/** `work` that gives undefined where it would throw. */
export function safely<A extends unknown[], R>(work: (...given: A) => R): (...given: A) => R | undefined {
  return (...given) => {
    try {
      return work(...given);
    } catch (fault) {
      swallow(fault);
      return undefined;
    }
  };
}
