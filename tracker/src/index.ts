/** The package: `import { BehaviorTracker } from "footfall-tracker"`. */

export { BehaviorTracker, VERSION } from "./tracker";
export type { Capture, Consent, Options, Properties } from "./options";
