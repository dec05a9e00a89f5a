/**
 * Mean and inverse standard deviation of each group of channels (Wu and He 2018), one workgroup a picture and group as
 * onnxruntime dispatches it. A group's numbers are vectors spread over all pixels; one workgroup reads them with as
 * many threads as the device allows, four reads under way in each, since the card waits for memory and not for
 * arithmetic.
 *
 * Sums are shifted by the group's first number: E[x^2] - E[x]^2 of shifted numbers does not cancel where the mean is
 * large (Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance", section 1).
 */
export function groupNormStatistics(declarations: string, half: boolean, threads: number): string {
  const width = declarations.includes(' x: array<vec2<') ? 2 : 4;
  const vector = `vec${width}<f32>`;
  return `${half ? 'enable f16;' : ''}
${declarations}
var<workgroup> sums: array<vec2<f32>, ${threads}>;

@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) ids: vec3<u32>) {
  let place = (id.z * ids.y + id.y) * ids.x + id.x;
  let picture = place / uniforms.groups * uniforms.hw * uniforms.c_comp + place % uniforms.groups * uniforms.cg_comp;
  let count = uniforms.hw * uniforms.cg_comp;
  let shift = ${vector}(f32(x[picture].x));
  var sum = ${vector}(0);
  var squares = ${vector}(0);
  for (var first = local; first < count; first += ${4 * threads}u) {
    ${[0, 1, 2, 3]
      .map(
        (i) => `let at${i} = first + ${i * threads}u;
    var value${i} = shift;
    if (at${i} < count) {
      value${i} = ${vector}(x[picture + at${i} / uniforms.cg_comp * uniforms.c_comp + at${i} % uniforms.cg_comp]);
    }`,
      )
      .join('\n')}
    ${[0, 1, 2, 3].map((i) => `{ let d = value${i} - shift; sum += d; squares = fma(d, d, squares); }`).join('\n')}
  }
  sums[local] = vec2<f32>(dot(sum, ${vector}(1)), dot(squares, ${vector}(1)));
  for (var width = ${threads / 2}u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (local < width) { sums[local] += sums[local + width]; }
  }
  if (local == 0u) {
    let mean = sums[0] / f32(count * ${width}u);
    output[place] = vec2<f32>(shift.x + mean.x, inverseSqrt(mean.y - mean.x * mean.x + uniforms.epsilon));
  }
}
`;
}
