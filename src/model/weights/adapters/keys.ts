/**
 * How files name the tensors of one module, at the end of the key. Roles are called as LyCORIS calls the tensors
 * (https://github.com/KohakuBlueleaf/LyCORIS), which kohya's scripts, OneTrainer and, for LoHa and LoKr, PEFT share.
 */
export const ENDINGS = [
  [/\.lora_down\.weight$/, 'down'],
  [/\.lora_up\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'mid'],
  // PEFT's; its own adapters carry a name, which is "default" where none was chosen.
  [/\.lora_A(?:\.default)?\.weight$/, 'down'],
  [/\.lora_B(?:\.default)?\.weight$/, 'up'],
  [/\.lora_B(?:\.default)?\.bias$/, 'up_bias'],
  [/\.lora_magnitude_vector(?:\.default)?(?:\.weight)?$/, 'magnitude'],
  // diffusers', old and older.
  [/[._]lora(?:_linear_layer)?\.down\.weight$/, 'down'],
  [/[._]lora(?:_linear_layer)?\.up\.weight$/, 'up'],
  [/\.alpha$/, 'alpha'],
  [/\.scalar$/, 'scalar'],
  [/\.dora_scale$/, 'dora_scale'],
  [/\.hada_w1_a$/, 'hada_w1_a'],
  [/\.hada_w1_b$/, 'hada_w1_b'],
  [/\.hada_w2_a$/, 'hada_w2_a'],
  [/\.hada_w2_b$/, 'hada_w2_b'],
  [/\.hada_t1$/, 'hada_t1'],
  [/\.hada_t2$/, 'hada_t2'],
  [/\.lokr_w1$/, 'lokr_w1'],
  [/\.lokr_w1_a$/, 'lokr_w1_a'],
  [/\.lokr_w1_b$/, 'lokr_w1_b'],
  [/\.lokr_w2$/, 'lokr_w2'],
  [/\.lokr_w2_a$/, 'lokr_w2_a'],
  [/\.lokr_w2_b$/, 'lokr_w2_b'],
  [/\.lokr_t2$/, 'lokr_t2'],
  [/\.a1\.weight$/, 'a1'],
  [/\.a2\.weight$/, 'a2'],
  [/\.b1\.weight$/, 'b1'],
  [/\.b2\.weight$/, 'b2'],
  [/\.bm\.weight$/, 'bm'],
  [/\.oft_blocks$/, 'oft_blocks'],
  [/\.rescale$/, 'rescale'],
  [/\.(?:diff|w_norm)$/, 'diff'],
  [/\.(?:diff_b|b_norm)$/, 'diff_b'],
] as const satisfies readonly (readonly [ending: RegExp, role: string])[];

/** What a tensor is to its module. */
export type Role = (typeof ENDINGS)[number][1];

/** Keys of a module's tensors in its file. */
export type ModuleKeys = Partial<Record<Role, string>>;

/** Methods that Easel cannot merge, by keys that they alone have. */
export const FOREIGN: readonly (readonly [ending: RegExp, method: string])[] = [
  [/\.on_input$/, 'IA3'],
  [/\.(?:ia3_l)(?:\.default)?$/, 'IA3'],
  [/\.oft_diag$/, "LyCORIS' first OFT"],
  [/\.oft_[rR](?:\.default)?(?:\.weight)?$/, "PEFT's OFT"],
  [/\.boft_[Rs](?:\.default)?$/, "PEFT's BOFT"],
  [/\.vera_lambda_[bd](?:\.default)?$/, 'VeRA'],
];
