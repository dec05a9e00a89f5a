export type ErrorSentence = string;
