import { said } from '../../../core/errors';
import type { Dtype } from '../dtypes';
import { BadPickle, Inert, type Meaning, Name, type PickleValue, Storage, Tensor } from './values';

/** torch's storages and its dtypes, by the type of their elements. */
const ELEMENTS: Readonly<Record<string, Dtype>> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
  'torch.float64': 'F64',
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.float8_e4m3fn': 'F8_E4M3',
  'torch.float8_e5m2': 'F8_E5M2',
  'torch.int64': 'I64',
  'torch.int32': 'I32',
  'torch.int16': 'I16',
  'torch.int8': 'I8',
  'torch.uint8': 'U8',
  'torch.bool': 'BOOL',
};

/** Bytes whose type the tensors state. */
const UNTYPED = ['torch.storage.UntypedStorage', 'torch.UntypedStorage'];

const isCount = (value: PickleValue): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function count(value: PickleValue | undefined): number {
  if (value !== undefined && isCount(value)) return value;
  throw new BadPickle(said`has a size, a place or a stride that is not a whole number`);
}

/** No tensor has more sides; torch's own limit is 64. */
const MAX_SIDES = 64;

function counts(value: PickleValue | undefined): number[] {
  if (Array.isArray(value) && value.length <= MAX_SIDES) return value.map(count);
  throw new BadPickle(said`has a shape or strides that are no list`);
}

/** `_rebuild_tensor`, `_v2` and `_v3`: a storage, where in it the view begins, its shape and strides; a dtype last. */
const tensor: Meaning = ([storage, offset, size, stride, , , dtype]) => {
  if (!(storage instanceof Storage)) throw new BadPickle(said`has a tensor without a storage`);
  const stated = dtype instanceof Name ? ELEMENTS[dtype.name] : undefined;
  const type = stated ?? storage.dtype;
  if (type === undefined) throw new BadPickle(said`has a tensor without a type`);
  const [shape, strides] = [counts(size), counts(stride)];
  if (shape.length !== strides.length) throw new BadPickle(said`has a tensor with more sides than strides, or fewer`);
  return new Tensor(storage, type, count(offset), shape, strides);
};

const first: Meaning = ([value = null]) => value;

/** `_rebuild_from_type_v2(function, type, arguments, state)`, of a tensor with attributes of its own. */
const fromType: Meaning = ([rebuild, , args]) => {
  if (rebuild instanceof Name && rebuild.name.startsWith('torch._utils.') && Array.isArray(args))
    return rebuild.apply(args);
  throw new BadPickle(said`rebuilds a tensor by what is not a name`);
};

/** A dict of pairs, or an empty one. What is a dict or a list already is not copied: a bomb would do so for ever. */
const dict: Meaning = ([pairs]) => {
  if (pairs instanceof Map) return pairs;
  const made = new Map<PickleValue, PickleValue>();
  if (Array.isArray(pairs))
    for (const pair of pairs) if (Array.isArray(pair) && pair.length === 2) made.set(pair[0], pair[1]);
  return made;
};

const list: Meaning = ([items]) => (Array.isArray(items) ? items : []);

/** What has a meaning here. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  'torch._utils._rebuild_tensor': tensor,
  'torch._utils._rebuild_tensor_v2': tensor,
  'torch._utils._rebuild_tensor_v3': tensor,
  'torch._utils._rebuild_parameter': first,
  'torch._utils._rebuild_parameter_with_state': first,
  'torch._tensor._rebuild_from_type_v2': fromType,
  'torch.nn.parameter.Parameter': first,
  'torch.nn.parameter.Buffer': first,
  'torch.nn.modules.container.ParameterDict': dict,
  'torch.Size': list,
  'collections.OrderedDict': dict,
  'collections.defaultdict': () => new Map(),
  'builtins.dict': dict,
  'builtins.list': list,
  'builtins.tuple': list,
  'builtins.set': list,
  'builtins.frozenset': list,
  'builtins.int': first,
  'builtins.float': first,
  'builtins.bool': first,
  'builtins.str': first,
};

/** Names that training scripts leave in their files and that carry no weights: what they make is never looked at. */
const INERT: ReadonlySet<string> = new Set([
  'torch.device',
  'torch.Generator',
  'torch._C._TensorMeta',
  'torch.Tensor',
  '_codecs.encode',
  'builtins.bytearray',
  'builtins.complex',
  'builtins.object',
  'builtins.slice',
  'copyreg._reconstructor',
  'argparse.Namespace',
  'datetime.datetime',
  'datetime.timedelta',
  'pathlib.Path',
  'pathlib.PosixPath',
  'pathlib.PurePosixPath',
  'pathlib.WindowsPath',
  'typing.Any',
  'typing.Dict',
  'typing.List',
  'typing.Union',
  'numpy.dtype',
  'numpy.ndarray',
  'numpy.float32',
  'numpy.float64',
  'numpy.int64',
  'numpy.core.multiarray._reconstruct',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray._reconstruct',
  'numpy._core.multiarray.scalar',
  'numpy.dtypes.Float32DType',
  'numpy.dtypes.Float64DType',
  'numpy.dtypes.Int64DType',
  'omegaconf.base.ContainerMetadata',
  'omegaconf.base.Metadata',
  'omegaconf.dictconfig.DictConfig',
  'omegaconf.listconfig.ListConfig',
  'omegaconf.nodes.AnyNode',
  'omegaconf.nodes.BooleanNode',
  'omegaconf.nodes.FloatNode',
  'omegaconf.nodes.IntegerNode',
  'omegaconf.nodes.StringNode',
  'pytorch_lightning.callbacks.early_stopping.EarlyStopping',
  'pytorch_lightning.callbacks.finetuning.BaseFinetuning',
  'pytorch_lightning.callbacks.lr_monitor.LearningRateMonitor',
  'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint',
  'pytorch_lightning.callbacks.timer.Timer',
  'pytorch_lightning.utilities.parsing.AttributeDict',
  'lightning.pytorch.callbacks.model_checkpoint.ModelCheckpoint',
  'lightning.fabric.utilities.data.AttributeDict',
  'lightning_fabric.utilities.data.AttributeDict',
]);

/**
 * What a name of Python's means in a file of weights; undefined for one that is not on the list, whatever it is.
 * Python 2's `__builtin__` is `builtins`.
 */
export function nameOf(python: string): Name | undefined {
  const name = python.replace(/^__builtin__\./, 'builtins.');
  const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
  if (meaning) return new Name(name, meaning);
  if (INERT.has(name) || Object.hasOwn(ELEMENTS, name) || UNTYPED.includes(name))
    return new Name(name, () => new Inert(name));
  return undefined;
}

/**
 * torch's persistent ids: ('storage', type, key, device, count), in the oldest files with (key, offset, count) of a
 * view after it.
 */
export function storageOf(id: PickleValue): Storage {
  const [kind, type, key, , size, view] = Array.isArray(id) ? id : [];
  const isType = type instanceof Name && (Object.hasOwn(ELEMENTS, type.name) || UNTYPED.includes(type.name));
  if (kind !== 'storage' || !isType || typeof key !== 'string')
    throw new BadPickle(said`refers to something beside it that is not a storage of torch`);
  const [, offset, length] = Array.isArray(view) ? view : [null, 0, size];
  return new Storage(ELEMENTS[type.name], key, count(length), count(offset));
}
