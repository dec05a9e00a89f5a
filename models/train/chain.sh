#!/usr/bin/env bash
# The whole training as a chain of calls to a lent GPU machine (GPU.md: what to send when). Here: pack, pack-emblems, aside, back, unpack.
# There: take, start, browser, prepare, measure, home; BASE is a folder outside the tree, which every call lays anew.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
BASE=${BASE:-/root/easel} PY=${PY:-python3} SET=${SET:-}
HEAVY="models/starter models/train/checkpoints models/train/judge.safetensors models/clip src/model/fixtures src/core/diffusion/goldens"

# on CARD NAME COMMAND...: a stage in the background on one card, its log in runs/NAME.log; one after the other where there is one card
on() {
  local card=$(($1 % cards)) name=$2
  shift 2
  CUDA_VISIBLE_DEVICES=$card $PY "$@" $SET >"$BASE/runs/$name.log" 2>&1 &
  if [ "$cards" = 1 ]; then wait $! || true; fi
}

# in_turn CARD NAME COMMAND...: the same, waited for; one that fails says so, and the chain goes on
in_turn() {
  on "$@"
  wait $! || echo "$2 failed: see its log"
}

# ablation CARD: three processes in the background share one card, since each waits for Python most of the time
ablation() {
  local part=0 runs
  for runs in '["v", "v min-snr", "epsilon", "x0"]' '["edm", "hybrid", "vlb"]' '["v cosine", "v linear", "v sigmoid"]'; do
    part=$((part + 1))
    CUDA_VISIBLE_DEVICES=$(($1 % cards)) $PY ablation.py --set "ablation.runs=$runs" --set ablation.file=ablation-$part.json $SET >"$BASE/runs/ablation-$part.log" 2>&1 &
  done
}

# Where stages run and what they read. Chromium paints on card 0, so that with several cards the denoiser leaves it free.
there() {
  cd "$BASE/train"
  export PYTHONPATH="$BASE/src${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1 OMP_NUM_THREADS=${OMP_NUM_THREADS:-6} TORCHINDUCTOR_CACHE_DIR=$BASE/inductor
  cards=$(nvidia-smi -L 2>/dev/null | grep -c GPU) || cards=1
  SET="--set paths.sprites=$BASE/data --set paths.out=$BASE/runs --set paths.start=$BASE/start $SET"
}

case $1 in
pack) # pack DATA DIFFUSERS_GIT: .gpu/a and .gpu/b, what the first two calls carry; run it before `aside`
  rm -rf .gpu && mkdir -p .gpu/a/data .gpu/b/start
  cp "$2"/sprites*.zip "$2"/sprites.json .gpu/a/data/
  git -C "$3" archive v0.40.0 src/diffusers | xz >.gpu/a/diffusers.tar.xz
  cp -r models/train/checkpoints .gpu/a/
  cp -r models/starter/{unet,text_encoder,vae,tokenizer} .gpu/b/start/
  cp models/train/judge.safetensors .gpu/b/
  echo /.gpu/ >>"$(git rev-parse --git-path info/exclude)"
  du -sm .gpu/a .gpu/b ;;
pack-emblems) # pack-emblems DATA DIFFUSERS_GIT: .gpu/e, all that `start emblems` needs (5 MB)
  mkdir -p .gpu/e/data
  $PY models/train/emblems.py pack --set paths.sprites="$2" --set paths.packed="$PWD/.gpu/e/data/emblems.npz"
  git -C "$3" archive v0.40.0 src/diffusers | xz >.gpu/e/diffusers.tar.xz
  grep -qx /.gpu/ "$(git rev-parse --git-path info/exclude)" || echo /.gpu/ >>"$(git rev-parse --git-path info/exclude)"
  du -sm .gpu/e ;;
aside) # what is too large to travel goes to ../aside; nothing may be committed until `back`
  mkdir -p ../aside
  for path in $HEAVY; do mkdir -p "../aside/$(dirname $path)" && mv $path "../aside/$path"; done
  git ls-files -z --cached --others --exclude-standard | xargs -0 du -cm 2>/dev/null | tail -1 ;;
back)
  for path in $HEAVY; do mv "../aside/$path" $path; done
  git status --short ;;
unpack) # unpack FILES: what `home` brought, into .gpu/home (and, for another machine to go on from, into .gpu/b/start)
  mkdir -p .gpu/home .gpu/b/start
  cat "$2"/model.tar.* | tar x -C .gpu/home
  for part in unet text_encoder; do rm -rf .gpu/b/start/$part && cp -r .gpu/home/$part .gpu/b/start/; done
  if [ -d .gpu/home/vae ]; then rm -rf .gpu/a/checkpoints/vae && cp -r .gpu/home/vae .gpu/a/checkpoints/; fi
  ls -R .gpu/home | head -40 ;;
take) # take FOLDER: a carried folder goes to BASE; the recipe with it
  mkdir -p "$BASE/runs" "$BASE/train"
  cp -r models/train/*.py models/train/*.toml models/train/*.json models/train/chain.sh "$BASE/train/"
  cp -r "$2"/. "$BASE/"
  if [ -f "$BASE/diffusers.tar.xz" ]; then tar xJf "$BASE/diffusers.tar.xz" -C "$BASE" && rm "$BASE/diffusers.tar.xz"; fi
  for part in checkpoints judge.safetensors; do if [ -e "$BASE/$part" ]; then rm -rf "$BASE/train/$part" && mv "$BASE/$part" "$BASE/train/"; fi; done
  nvidia-smi -L || echo "no GPU"
  du -sm "$BASE" ;;
start) # start STAGES: `early`, `rest`, `fast` or `emblems`, in the background; it outlasts the call
  setsid bash "$BASE/train/chain.sh" "$2" >>"$BASE/runs/chain.log" 2>&1 </dev/null &
  sleep 2 && cat "$BASE/runs/chain.log" ;;
early) # what needs only the first call's files, on card 0: a decoder for flatter grounds, a second judge that sees finer detail
  there
  on 0 decoder autoencoder.py --set autoencoder.part=decoder --set autoencoder.latent_noise=0.2 --set autoencoder.seconds=${DECODER:-200}
  if [ "$cards" -gt 1 ]; then on 0 judge-256 judge.py --set judge.file=judge-256.safetensors --set judge.pixels=256 --set judge.seconds=${JUDGE:-400}; fi
  wait ;;
fast) # from the model as it is bundled: the student, and the ablation
  there
  ablation 1
  in_turn 0 distill distill.py --set distill.seconds=${DISTILL:-200}
  in_turn 0 bundle bundle.py "$BASE/models/starter"
  in_turn 0 paint-fast distill.py paint fast
  in_turn 0 read-fast judge.py read "$BASE/runs/fast.npy"
  touch "$BASE/runs/finished"
  wait ;;
emblems) # the pixel-space example and the run beside it that learns its variance; its judge beside them; then both are measured
  there
  SET="$SET --set paths.packed=$BASE/data/emblems.npz"
  CUDA_VISIBLE_DEVICES=0 $PY emblem_judge.py $SET >"$BASE/runs/emblem-judge.log" 2>&1 &
  on 0 emblems emblems.py --set emblems.seconds=${EMBLEMS:-300}
  on 1 emblems-hybrid emblems.py --set emblems.objective=hybrid --set emblems.name=emblems-hybrid --set emblems.seconds=${HYBRID:-150}
  wait
  in_turn 0 emblem-measure emblem_measure.py
  touch "$BASE/runs/emblems-finished" ;;
rest) # the denoiser on all cards but card 0, then what goes on from it, side by side
  there
  workers=$((cards > 1 ? cards - 1 : 1))
  CUDA_VISIBLE_DEVICES=$(seq -s, $((cards > 1 ? 1 : 0)) $((cards - 1))) $PY -m torch.distributed.run --standalone --nproc_per_node=$workers \
    denoiser.py --set denoiser.seconds=${DENOISER:-600} $SET >"$BASE/runs/denoiser.log" 2>&1 || { echo "the denoiser failed: see its log" && exit 1; }
  on 0 bundle-early bundle.py "$BASE/early/starter"
  on 1 distill distill.py --set distill.seconds=${DISTILL:-200} && needed=$!
  on 3 text text.py --set text.frozen=true --set text.seconds=${TEXT:-90} && needed="$needed $!"
  on 3 paint denoiser.py paint test && needed="$needed $!"
  wait $needed || echo "a stage failed: see the logs"
  on 0 bundle bundle.py "$BASE/models/starter" && needed=$!
  on 3 read judge.py read "$BASE/runs/test.npy" && needed="$needed $!"
  in_turn 1 paint-fast distill.py paint fast
  on 1 read-fast judge.py read "$BASE/runs/fast.npy" && needed="$needed $!"
  wait $needed || echo "a stage failed: see the logs"
  touch "$BASE/runs/finished"
  if [ "$cards" -gt 2 ]; then
    on 1 inpainting inpainting.py --set inpainting.seconds=${INPAINTING:-150}
    ablation 3
  fi
  wait ;;
browser) # what calls 3 and 4 carried to BASE: Chromium in parts, and the Vulkan loaders
  cd "$BASE" && mkdir -p c chrome && mv c.0* c/
  cat c/c.* | tar xJ -C chrome
  for file in gl/*.deb; do dpkg -x "$file" /; done
  mkdir -p /etc/fonts /usr/share/fonts # Chromium breaks off where it finds no font
  cp "$($PY -c 'import matplotlib; print(matplotlib.get_data_path())')"/fonts/ttf/DejaVuSans.ttf /usr/share/fonts/
  echo '<fontconfig><dir>/usr/share/fonts</dir><cachedir>/tmp/fonts</cachedir></fontconfig>' >/etc/fonts/fonts.conf
  ldconfig && ls chrome | head -3 ;;
measure) # measure MODELS SECONDS SUITE...: suites of e2e/perf with the starter in MODELS; card 0 is Chromium's
  cd "$BASE" && mkdir -p work
  export CHROME=$BASE/chrome/chromium-headless-shell LD_LIBRARY_PATH=$BASE/chrome/lib PYTHONUNBUFFERED=1
  export VK_DRIVER_FILES=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json __EGL_VENDOR_LIBRARY_FILENAMES=/usr/local/nvidia/share/glvnd/egl_vendor.d/10_nvidia.json
  $PY e2e/perf/run.py site work "$OUT" --models "$2" --timeout "$3" "${@:4}" || true ;;
prepare) # prepare MODELS PART...: what those suites read
  cd "$BASE" && mkdir -p work
  PYTHONPATH=$BASE/src $PY e2e/perf/prepare.py work --models "$2" --shapes shapes "${@:3}" ;;
home) # home [SECONDS]: after so long, the newest parts, sheets and logs to OUT, in files that are small enough
  sleep "${2:-0}"
  cd "$BASE/runs"
  tar c $(ls -d unet text_encoder vae tower.safetensors fast.safetensors emblems emblems-hybrid emblem-judge.safetensors 2>/dev/null || true) | split -b 15000000 -d - "$OUT/model.tar."
  tar cf "$OUT/sheets.tar" $(ls *.jpg *.json judge-256.safetensors 2>/dev/null || true)
  tail -n 400 *.log >"$OUT/logs.txt"
  tail -q -n 2 *.log && ls ;;
*) echo "$1 is not one of pack, pack-emblems, aside, back, unpack, take, start, browser, prepare, measure, home" && exit 2 ;;
esac
