"""Every stage for a few steps on the CPU, at 64 pixels and with a few drawings: `python -m unittest test_stages` (minutes).

Not part of `npm test`: it needs PyTorch, diffusers and data/ (README.md). Where only an old PyTorch can be had, `rehearsal/` stands in for
transformers and safetensors; what only newer ones and GPUs do (bfloat16, compiling, several GPUs) is not rehearsed here.
"""
import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTokenizer

import ablation
import autoencoder
import bundle
import common
import denoiser
import distill
import emblem_judge
import emblem_measure
import emblems
import inpainting
import judge
import objectives
import text

REPO = Path(__file__).resolve().parents[2]
HERE = Path(common.HERE)
TINY = """data.size=64 data.workers=0 data.chunk=16 autoencoder.seconds=1 autoencoder.batch=4 autoencoder.check=16 text.seconds=1 text.batch=8 text.fresh=16 text.pool=32
denoiser.seconds=1 denoiser.batch=4 denoiser.pool=32 denoiser.save=15 distill.save=600 inpainting.save=600 denoiser.painted=6 distill.seconds=1 distill.batch=16 inpainting.seconds=1
inpainting.batch=4 inpainting.pool=32 ablation.steps=1 ablation.batch=4 ablation.pool=32 ablation.painted=2 ablation.channels=[32,32,64]
judge.seconds=1 judge.batch=4 judge.widths=[8,8,8,8] judge.reference=250""".split()


def few_drawings(folder):
    """A data folder with the drawings of 60 concepts, those of the first test prompts among them."""
    os.makedirs(folder)
    sprites = json.loads((HERE / "data/sprites.json").read_text())
    wanted = {name for p in json.loads((HERE / "test-prompts.json").read_text())[:20] for name in p["concepts"]}
    wanted |= {image["name"] for image in sprites["images"] if image["style"] == "3d" and image["group"] == "animals"}
    wanted = set(sorted(wanted)[:60]) | {"nerd face", "light rail", "seedling", "fox", "adhesive bandage", "convenience store"}
    sprites["images"] = [image for image in sprites["images"] if image["name"] in wanted]
    Path(folder, "sprites.json").write_text(json.dumps(sprites))
    for path in (HERE / "data").glob("*.zip"):
        os.symlink(path.resolve(), Path(folder, path.name))


class Reference(unittest.TestCase):
    def test_text_tower_and_tokenizer_give_the_reference_outputs(self):
        fixtures = REPO / "src/model/fixtures/sd15"
        expected = load_file(str(fixtures / "expected.safetensors"))
        prompts = json.loads((fixtures / "cases.json").read_text())["prompts"]
        tokenizer, encoder = CLIPTokenizer.from_pretrained(str(fixtures / "model/tokenizer")), CLIPTextModel.from_pretrained(str(fixtures / "model/text_encoder"))
        ids = torch.from_numpy(tokenizer(prompts, padding="max_length", truncation=True, max_length=77, return_tensors="np")["input_ids"]).long()
        with torch.no_grad():
            said = encoder(ids).last_hidden_state
        for k in range(len(prompts)):
            torch.testing.assert_close(said[k : k + 1], expected[f"text.{k}.last_hidden_state"], rtol=1e-4, atol=1e-4)


class Stages(unittest.TestCase):
    """One chain: each stage goes on from what the last one wrote."""

    @classmethod
    def setUpClass(cls):
        torch.manual_seed(0)
        del denoiser.PROMPTS[2:]
        cls.folder = tempfile.mkdtemp()
        few_drawings(f"{cls.folder}/data")
        paths = [f"paths.sprites={cls.folder}/data", f"paths.out={cls.folder}/runs"]
        cls.words = [word for value in [*paths, *TINY] for word in ("--set", value)]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def config(self, *more):
        return common.load_config(words=[*self.words, *(word for value in more for word in ("--set", value))])

    def written(self, *names):
        for name in names:
            self.assertTrue(Path(self.folder, "runs", name).exists(), name)

    def test_1_judge(self):
        for pixels in (256, 128):
            judge.train(self.config(f"judge.pixels={pixels}", f"judge.file=judge{'' if pixels == 128 else '-256'}.safetensors"))
        self.written("judge.safetensors", "judge-256.safetensors")

    def test_2_autoencoder(self):
        before = load_file(str(HERE / "checkpoints/vae/diffusion_pytorch_model.safetensors")) if (HERE / "checkpoints/vae").exists() else None
        autoencoder.train(self.config("autoencoder.part=decoder", "autoencoder.adversarial_from=0"))
        after = load_file(f"{self.folder}/runs/vae/diffusion_pytorch_model.safetensors")
        changed = {name.split(".")[0] for name in after if before and not torch.equal(before[name], after[name])}
        self.assertLessEqual(changed, {"decoder", "post_quant_conv"})
        autoencoder.train(self.config())

    def test_3_text(self):
        text.train(self.config())
        self.written("text_encoder/model.safetensors", "tower.safetensors")
        text.train(self.config("text.frozen=true"))

    def test_4_denoiser_goes_on_where_it_broke_off(self):
        config = self.config()
        denoiser.train(config)
        self.written("unet/diffusion_pytorch_model.safetensors", "samples-end.jpg")
        clock, net = common.Clock(1), torch.nn.Linear(1, 1)
        state = common.State(config, "broken", clock, net=net)
        clock.before = 0.75
        state.save(7)
        again = common.State(config, "broken", common.Clock(1), net=torch.nn.Linear(1, 1))
        self.assertEqual((again.load(), again.clock.share()), (7, 0.75))
        torch.testing.assert_close(again.parts["net"].weight, net.weight)
        denoiser.paint(config, "test")
        self.written("test.npy")

    def test_5_distill(self):
        config = self.config()
        distill.train(config)
        self.written("fast.safetensors", "samples-fast.jpg")
        distill.paint(config, "fast")
        self.written("fast.npy")

    def test_6_inpainting(self):
        inpainting.train(self.config())
        self.written("inpainting/unet/config.json", "samples-inpainting.jpg")
        self.assertEqual(json.loads(Path(self.folder, "runs/inpainting/unet/config.json").read_text())["in_channels"], 9)

    def test_7_ablation(self):
        config = self.config()
        ablation.train(config)
        self.assertEqual(list(json.loads(Path(self.folder, "runs/ablation.json").read_text())["runs"]), config["ablation"]["runs"])

    def test_8_bundle(self):
        folder = f"{self.folder}/starter"
        bundle.make(self.config(), folder)
        manifest = json.loads(Path(folder, "manifest.json").read_text())
        self.assertEqual({f["path"] for f in manifest["files"]}, {str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file()} - {"manifest.json"})
        self.assertIn("fox", manifest["words"])
        self.assertEqual([len(row) for row in manifest["previewFactors"]], [3] * 5)

    def test_9_reading(self):
        table = judge.report(self.config(), f"{self.folder}/runs/test.npy")
        self.assertEqual(set(table), set(json.loads(Path(self.folder, "runs/test.json").read_text())) - {"pictures"})
        self.assertIsNotNone(table["single: single top-5"][1])


class EmblemStages(unittest.TestCase):
    """The pixel-space example: drawings, both runs, the judge and what it says, over a chain of three timesteps."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        words = f"""paths.sprites={HERE}/data paths.packed={cls.folder}/emblems.npz paths.out={cls.folder}/runs emblems.seconds=1 emblems.batch=8 emblems.look=2 emblem_judge.seconds=1
        emblem_judge.batch=8 emblem_judge.widths=[8,8,16] emblem_judge.reference=96 emblem_measure.pictures=8 emblem_measure.steps=[3,2] emblem_measure.draws=1""".split()
        cls.words = [word for value in words for word in ("--set", value)]
        emblems.pack(cls.config())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def config(cls, *more):
        return common.load_config(words=[*cls.words, *(word for value in more for word in ("--set", value))])

    def test_1_drawings(self):
        drawn = emblems.Emblems(self.config(), "cpu", 1)
        self.assertEqual((drawn.classes, int(drawn.held_out.sum())), (48, 48))
        self.assertGreaterEqual(int(torch.bincount(drawn.labels).min()), 9)
        pictures, labels = drawn.draw(256)
        self.assertEqual((pictures.shape, set(labels.tolist()) <= set(range(48))), ((256, 3, 32, 32), True))
        torch.testing.assert_close((pictures + 1) * 127.5, ((pictures + 1) * 127.5).round(), rtol=0, atol=1e-4)
        kept, out = (set(map(tuple, drawn.upright(part)[0].flatten(1).tolist())) for part in (False, True))
        self.assertEqual((len(kept), len(out), len(kept & out)), (48, 48, 0))

    def test_2_both_runs_the_judge_and_what_it_says(self):
        emblem_judge.train(self.config())
        emblems.train(self.config())
        emblems.train(self.config("emblems.objective=hybrid", "emblems.name=emblems-hybrid"))
        for name, variance in (("emblems", "fixed_small"), ("emblems-hybrid", "learned_range")):
            folder = Path(self.folder, "runs", name)
            self.assertEqual(json.loads((folder / "scheduler/scheduler_config.json").read_text())["variance_type"], variance)
            self.assertEqual(json.loads((folder / "model_index.json").read_text())["id2label"]["0"], "anchor")
            self.assertLessEqual(sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()), 6_000_000)
        emblem_measure.abars_of = lambda device: objectives.schedule("linear", 3)
        emblem_measure.measure(self.config())
        found = json.loads(Path(self.folder, "runs/emblems.json").read_text())
        self.assertEqual(set(found["runs"]["emblems"]["painted"]["DDIM"]), {"3", "2"})
        for run, variances in (("emblems", {"small", "large"}), ("emblems-hybrid", {"learned"})):
            bits = found["runs"][run]["likelihood"]["held out"]["bits"]
            self.assertEqual(set(bits), variances)
            for bound in bits.values():
                self.assertAlmostEqual(sum(bound["terms"]) + bound["prior"], bound["total"], delta=1e-3 * bound["total"])


if __name__ == "__main__":
    unittest.main()
