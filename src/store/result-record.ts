import { type GenerationRequest, parseRequest } from '../core/request';
import type { StageTimings } from '../engine/protocol';

/** A painted picture as it lies on the disk; its pixels lie beside it, by hash. */
export interface ResultRecord {
  v: 1;
  id: string;
  /** Counts every picture ever painted here, from 1; the name of the downloaded file starts with it. */
  number: number;
  /** Milliseconds since 1970. */
  paintedAt: number;
  model: string;
  /** SHA-256 of the PNG, in hex. */
  picture: string;
  width: number;
  height: number;
  request: GenerationRequest;
  /** A1111's `parameters` text. */
  parameters: string;
  timings: StageTimings;
}

/** Lifts a stored record to the newest version; undefined for what cannot be read, such as one from a newer Easel. */
export function readResultRecord(value: unknown): ResultRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as ResultRecord;
  if (record.v !== 1) return undefined;
  try {
    return { ...record, request: parseRequest(record.request) };
  } catch {
    return undefined;
  }
}
