/** Values of a uniform struct by its members' names; what is not given is zero. */
export type UniformValues = Readonly<Record<string, number | readonly number[]>>;

const MEMBER = /(\w+): (?:vec([234])<)?(u32|f32)>?/g;

/**
 * The bytes of the struct that a shader declares as `Uniforms`, laid out as WGSL says ("Alignment and Size"): scalars
 * on four bytes, vec2 on eight, vec3 and vec4 on sixteen.
 */
export function packUniforms(declarations: string, values: UniformValues): ArrayBuffer {
  const [, body] = /struct Uniforms \{([^}]*)\}/.exec(declarations) ?? ['', ''];
  const bytes = new DataView(new ArrayBuffer(256));
  let offset = 0;
  for (const [, name, width = '1', type] of body.matchAll(MEMBER)) {
    const components = Number(width);
    const alignment = 4 * (components === 3 ? 4 : components);
    offset = Math.ceil(offset / alignment) * alignment;
    [values[name] ?? []].flat().forEach((value, i) => {
      if (type === 'f32') bytes.setFloat32(offset + 4 * i, value, true);
      else bytes.setUint32(offset + 4 * i, value, true);
    });
    offset += 4 * components;
  }
  return bytes.buffer.slice(0, Math.ceil(offset / 16) * 16);
}
