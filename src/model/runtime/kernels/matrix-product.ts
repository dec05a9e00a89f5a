import type { LeftOperand, Product } from './tiled-product';

/** What is added to a product: a vector along the columns, in Gemm times a factor. */
export type Addend = 'none' | 'bias' | 'beta-c';

/** MatMul and Gemm by matrices [inner, columns]; leading dimensions of the left one are rows like any other. */
export function matrixProduct(declarations: string, half: boolean, rank: number, addend: Addend): Product {
  const rows = Array.from({ length: rank - 1 }, (_, i) => `uniforms.output_shape[${i}]`).join(' * ');
  return {
    declarations,
    half,
    rows: `(${rows})`,
    columns4: '(uniforms.dim_b_outer / 4u)',
    inner: 'uniforms.dim_inner',
    left: ROWS(`(${rows})`),
    right: (inner, column4) => `b[${inner} * (uniforms.dim_b_outer / 4u) + ${column4}]`,
    write: (row, column4, value) =>
      `output[${row} * (uniforms.dim_b_outer / 4u) + ${column4}] = Vector(${value}${added(addend, column4)});`,
  };
}

function added(addend: Addend, column4: string): string {
  switch (addend) {
    case 'none':
      return '';
    case 'bias':
      return ` + vec4<f32>(bias[${column4}])`;
    case 'beta-c':
      return ` + uniforms.beta * vec4<f32>(c[${column4} % uniforms.c_shape])`;
    default:
      throw addend satisfies never;
  }
}

const ROWS = (rows: string): LeftOperand => ({
  prepareRow: (slot, row) => `let row${slot} = ${row};`,
  prepareInner: (inner4) => `var inner4 = ${inner4};`,
  read: (slot, target) => `
      if (row${slot} < ${rows} && inner4 < uniforms.dim_inner / 4u) {
        ${target} = a[row${slot} * (uniforms.dim_inner / 4u) + inner4];
      }`,
  advance: (by4) => `inner4 += ${by4}u;`,
});
