import { type Box, union } from '../../core/image/picture';
import { TILE, type Tile, tileBox, tileColumn, tilesIn } from '../document/tiles';
import type { Point } from '../viewport/viewport';

/**
 * How much of each pixel a stroke in progress has reached, 0 .. 255, in tiles of its own; written to until the stroke
 * ends.
 */
export interface Coverage {
  readonly tiles: Map<number, Tile>;
  /** Everything that was touched. */
  box: Box;
}

export const emptyCoverage = (): Coverage => ({ tiles: new Map(), box: { x: 0, y: 0, width: 0, height: 0 } });

/**
 * One touch of a round brush. The edge of a hard one is one pixel wide, a soft one falls off from `hardness` of its
 * radius to the edge.
 */
export interface Dab {
  x: number;
  y: number;
  /** Pixels; 0.5 is a brush of one pixel. */
  radius: number;
  /** 0 (soft from the centre) .. 1 (hard). */
  hardness: number;
  /** 0 .. 1: the most that the dab covers. */
  flow: number;
}

/** Steps of a table: at 1000 pixels across, 0.03 pixel at the edge. */
const STEPS = 4096;

interface Falloff {
  /** By squared distance, from the inner to the outer edge. */
  table: Uint8Array;
  inner: number;
  outer: number;
}

const falloffs = new Map<number, Falloff>();

/**
 * A dab's coverage by distance: full to `inner`, then 1 - (3 t^2 - 2 t^3) to `outer`. A brush's radius changes with
 * pressure, so tables are kept by radius in 1/8 pixel and hardness in 1/64; the last few hundred suffice.
 */
function falloffOf(radius: number, hardness: number): Falloff {
  const [r, h] = [Math.max(0.5, Math.round(radius * 8) / 8), Math.round(hardness * 64) / 64];
  const key = r * 128 + h;
  const known = falloffs.get(key);
  if (known) return known;
  const [inner, outer] = [r * h - 0.5, r + 0.5];
  const table = new Uint8Array(STEPS + 1);
  for (let i = 0; i <= STEPS; i++) {
    const distance = Math.sqrt((i / STEPS) * outer * outer);
    const t = Math.min(1, Math.max(0, (distance - inner) / (outer - inner)));
    table[i] = Math.round(255 * (1 - t * t * (3 - 2 * t)));
  }
  if (falloffs.size > 512) falloffs.clear();
  const falloff = { table, inner: Math.max(0, inner), outer };
  falloffs.set(key, falloff);
  return falloff;
}

function writableTile(coverage: Coverage, key: number): Tile {
  let tile = coverage.tiles.get(key);
  if (!tile) {
    tile = new Uint8Array(TILE * TILE);
    coverage.tiles.set(key, tile);
  }
  return tile;
}

/**
 * Adds a dab; where it overlaps others the greater coverage counts, so a stroke never grows denser by crossing itself.
 * @param clip pixels outside stay as they are
 * @returns the box that may have changed
 */
export function stamp(coverage: Coverage, dab: Dab, clip: Box): Box {
  const { table, inner, outer } = falloffOf(dab.radius, dab.hardness);
  // Pixel (i, j) covers [i, i + 1): its centre counts.
  const left = Math.max(clip.x, Math.floor(dab.x - outer));
  const top = Math.max(clip.y, Math.floor(dab.y - outer));
  const right = Math.min(clip.x + clip.width, Math.ceil(dab.x + outer));
  const bottom = Math.min(clip.y + clip.height, Math.ceil(dab.y + outer));
  const box = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  const full = Math.round(255 * dab.flow);
  const scale = STEPS / (outer * outer);
  for (const key of tilesIn(box)) {
    const tile = writableTile(coverage, key);
    const corner = tileBox(key);
    const rowEnd = Math.min(bottom, corner.y + TILE);
    for (let y = Math.max(top, corner.y); y < rowEnd; y++) {
      const dy = y + 0.5 - dab.y;
      const reach = outer * outer - dy * dy;
      if (reach <= 0) continue;
      const half = Math.sqrt(reach);
      const start = Math.max(left, corner.x, Math.floor(dab.x - half));
      const end = Math.min(right, corner.x + TILE, Math.ceil(dab.x + half));
      const row = (y - corner.y) * TILE - corner.x;
      // The middle of the row, fully covered: filled at once.
      const core = inner * inner - dy * dy;
      const solid = core > 0 ? Math.sqrt(core) : 0;
      const solidStart = Math.min(end, Math.max(start, Math.ceil(dab.x - solid - 0.5)));
      const solidEnd = core > 0 ? Math.max(solidStart, Math.min(end, Math.floor(dab.x + solid + 0.5))) : solidStart;
      for (let x = start; x < solidStart; x++) reachPixel(tile, row + x, x + 0.5 - dab.x, dy, scale, table, full);
      if (full === 255) tile.fill(255, row + solidStart, row + solidEnd);
      else for (let at = row + solidStart; at < row + solidEnd; at++) if (tile[at] < full) tile[at] = full;
      for (let x = solidEnd; x < end; x++) reachPixel(tile, row + x, x + 0.5 - dab.x, dy, scale, table, full);
    }
  }
  coverage.box = union(coverage.box, box);
  return box;
}

function reachPixel(
  tile: Tile,
  at: number,
  dx: number,
  dy: number,
  scale: number,
  table: Uint8Array,
  full: number,
): void {
  const squared = (dx * dx + dy * dy) * scale;
  if (squared >= STEPS) return;
  const value = full === 255 ? table[squared | 0] : Math.round((table[squared | 0] * full) / 255);
  if (value > tile[at]) tile[at] = value;
}

/** Lines that a polygon's scan takes a pixel row: its edges are smooth to 1/4 vertically and exact along x. */
const SCANS = 4;

/** Where a horizontal line crosses a polygon's edges, from left to right. */
function crossings(points: readonly Point[], y: number): number[] {
  const at: number[] = [];
  for (let i = 0; i < points.length; i++) {
    const [a, b] = [points[i], points[(i + 1) % points.length]];
    if (a.y <= y !== b.y <= y) at.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
  }
  return at.sort((left, right) => left - right);
}

/** The inside of a closed polygon (even-odd), with smooth edges, as coverage. */
export function coverPolygon(points: readonly Point[], clip: Box): Coverage {
  const coverage = emptyCoverage();
  if (points.length < 3) return coverage;
  const top = Math.max(clip.y, Math.floor(Math.min(...points.map(({ y }) => y))));
  const bottom = Math.min(clip.y + clip.height, Math.ceil(Math.max(...points.map(({ y }) => y))));
  const row = new Float32Array(clip.width);
  for (let y = top; y < bottom; y++) {
    row.fill(0);
    for (let scan = 0; scan < SCANS; scan++) {
      const cuts = crossings(points, y + (scan + 0.5) / SCANS);
      for (let i = 0; i + 1 < cuts.length; i += 2) addSpan(row, cuts[i] - clip.x, cuts[i + 1] - clip.x);
    }
    coverRow(coverage, clip, y, (i) => Math.round((255 * row[i]) / SCANS));
  }
  return coverage;
}

/** Adds to each pixel the part of it that lies from `from` to `to`. */
function addSpan(row: Float32Array, from: number, to: number): void {
  const [start, end] = [Math.max(0, from), Math.min(row.length, to)];
  for (let i = Math.floor(start); i < end; i++) row[i] += Math.min(i + 1, end) - Math.max(i, start);
}

/** Writes one row of coverage across a box. */
export function coverRow(coverage: Coverage, box: Box, y: number, at: (i: number) => number): void {
  const line = { x: box.x, y, width: box.width, height: 1 };
  let [first, last] = [-1, -1];
  for (const key of tilesIn(line)) {
    const originX = tileColumn(key) * TILE;
    const start = (y - tileBox(key).y) * TILE - originX;
    let tile = coverage.tiles.get(key);
    for (let x = Math.max(box.x, originX); x < Math.min(box.x + box.width, originX + TILE); x++) {
      const value = at(x - box.x);
      if (value === 0) continue;
      tile ??= writableTile(coverage, key);
      tile[start + x] = value;
      if (first < 0) first = x;
      last = x;
    }
  }
  if (first >= 0 || last >= 0) coverage.box = union(coverage.box, { x: first, y, width: last - first + 1, height: 1 });
}
