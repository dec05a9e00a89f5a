/**
 * The forms of onnxruntime-web 1.31.0-dev.20260914's shaders, section by section, that were read: `recognise` in
 * recognise.ts. A new version with other texts runs with its own kernels until somebody has read them:
 * `unknownSections` prints them.
 */
export type Program = 'Conv2dMM' | 'MatMul' | 'Gemm' | 'FlashAttention' | 'GroupNormStats';

export const FINGERPRINTS: Readonly<Record<Program, ReadonlySet<string>>> = {
  Conv2dMM: new Set([
    '26982feb96883275', // bindings, vec4, bias
    '0288ca06a52038dd', // getIndexFromCoords3D
    '80429e73c4ce758f', // getIndexFromCoords4D
    '7fa5f9e9b4472fdf', // getOutputIndexFromCoords
    'ae4b51949226627f', // setOutputAtIndex
    '119ae742e9f8b3c8', // setOutputAtCoords
    'ac2cea92ec04e88e', // getBiasByOutputCoords
    '4cf0a08ce712e4b8', // mm_readA, checked
    '9084f743b7dec65f', // mm_readB, checked
    'a09762f5dbd2d281', // mm_write, bias
    '86ed1e89b46145c7', // bindings, vec4, bias, leaky ReLU
    '0aa8a0939531cc48', // mm_write, bias, leaky ReLU
    '1cb45426aa53bc16', // mm_write, bias, ReLU
    '82bc251e542335c8', // mm_Asub
    '3848f33eaa44454b', // mm_Bsub
    '036d745caa2a2eb1', // @compute
    '3bda535f7ae8b4aa', // main
    'c8933ea95f5eecab', // mm_readA
    '36ece2efbb87fab1', // mm_readB
    'c1c6c245ecc09cd3', // mm_Asub, 1 row a thread
    '43a11b33a2c26294', // mm_Bsub, 1 row a thread
    '8cbdf04675d867cf', // main, 1 row a thread
  ]),
  MatMul: new Set([
    '8e06fad8ab7a438f', // bindings, vec3
    'ab0c598b763524d8', // i2o_a
    '0c9f357e28c6270d', // get_a_by_indices
    '3adbbfda5c11abbc', // i2o_b
    '5f231a7d5fd699f7', // get_b_by_indices
    'bd26335c833a45be', // i2o_output
    '97733463506c1f05', // set_output_by_indices
    '2d9d7c05a6f7fb09', // mm_readA
    'bf727ac2e8ef5641', // mm_readB
    '50fbc430233f9258', // mm_write
    'e239d3ff237d7ebf', // mm_Asub
    'eca868c79c5e9210', // mm_Bsub
    '036d745caa2a2eb1', // @compute
    'ef2c93c0f0cc4436', // main
    'df56ba284a90356b', // bindings, vec3, bias
    'ccf5be3541a7edc4', // mm_write, bias
    '7e9ef718a67f1bea', // mm_Asub, 1 row a thread
    '851ab2a716bdb17f', // mm_Bsub, 1 row a thread
    'b2180c7a7599dc59', // main, 1 row a thread
    '8c94f17420f183e3', // bindings, vec3, bias
    '49657c6dae93f19d', // i2o_a
    'edf8a1a720c561bd', // mm_readA
    'bf0b5dcb057635e5', // bindings, vec3
  ]),
  Gemm: new Set([
    'd9f04873b0ca3853', // bindings, vec2
    '49657c6dae93f19d', // i2o_a
    '0c9f357e28c6270d', // get_a_by_indices
    '3adbbfda5c11abbc', // i2o_b
    '684a1ddb97cc50ef', // get_b_by_indices
    'e6ea49a2f0c702e3', // output_bi2o_c
    '690e67e2bdb6ea89', // i2o_output
    '6c59ac42f4fbf548', // set_output_by_indices
    '103443ec93fdade0', // mm_readA
    'a3793449b313d812', // mm_readB
    'efe90acc89053549', // mm_Asub
    '59a2b87142a87e38', // mm_Bsub
    '12e258e3514cb7d0', // mm_write
    '036d745caa2a2eb1', // @compute
    '8875f6fca7c5baf5', // main
  ]),
  FlashAttention: new Set([
    '9504cbe1bd175e16', // bindings, heads of 64
    'e64cc1c1c1363958', // get_total_sequence_length
    '3968df04aec03db9', // is_key_visible
    '983ddf59c1e1b849', // k_tile
    '9ff9de104c7ada1d', // v_tile
    'b4da5c466d707756', // loadq
    '43cbed130ffceae1', // loadk
    '20dafa3e02e99cc1', // loadv
    '2fc5101819a7b664', // writeo
    '036d745caa2a2eb1', // @compute
    'f8f05006452fb593', // main
  ]),
  GroupNormStats: new Set([
    '8375ab5515248eab', // bindings
    '941010373ca0a0f3', // bindings, vec2
    '5c29532e31a05737', // workgroup_shared_sum
    '8d7d091c0073c034', // workgroup_shared_squared_sum
    '036d745caa2a2eb1', // @compute
    '047b6b07bdd00324', // main
    '9bb5f571dbd97876', // main, vec2
  ]),
};
