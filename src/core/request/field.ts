/** What a field of the request may be, so that form, command line and checks are made from it. */

export interface NumberField {
  label: string;
  min: number;
  max: number;
  step: number;
  default: number;
  integer: boolean;
  /** One line: what it does. */
  help: string;
}

/** A field with a few named values. */
export interface ChoiceField<T extends string = string> {
  label: string;
  choices: readonly { value: T; label: string; description: string }[];
  /** The sampler's, where samplers have one of their own; else the first. */
  default?: T;
}

/** A field that is on or off. */
export interface FlagField {
  label: string;
  /** One line: what it does. */
  help: string;
}
