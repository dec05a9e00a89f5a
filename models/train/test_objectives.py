"""The training objectives against the goldens that src/core/diffusion is held to: `python -m unittest test_objectives`.

Tolerance 1e-10 relative to the largest expected entry, as for the TypeScript. Of the bound's first term (t = 0) the goldens have the
discretised likelihood; the density that latents have instead is checked against PyTorch's own.
"""
import json
import math
import unittest
from pathlib import Path

import torch

import objectives

GOLDENS = Path(__file__).resolve().parents[2] / "src/core/diffusion/goldens"


def cases(name, fn=None):
    found = [case for case in json.loads((GOLDENS / name).read_text())["cases"] if fn is None or case["fn"] == fn]
    assert found, f"{name} has no case of {fn}"
    return found


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


def batch(values):
    """One picture of a batch."""
    return tensor(values)[None]


def abars_of(beta):
    """The chain of a golden's `beta`: those that config.toml can name."""
    usual = {"linear": {"beta_start": 1e-4, "beta_end": 0.02}, "cosine": {"s": 0.008, "max_beta": 0.999}}[beta["kind"]]
    assert all(beta[name] == value for name, value in usual.items()), beta
    return objectives.schedule(beta["kind"], beta["T"])


class Goldens(unittest.TestCase):
    def close(self, actual, expected, tolerance=1e-10):
        expected = torch.as_tensor(expected, dtype=torch.float64)
        actual = torch.as_tensor(actual, dtype=torch.float64).reshape(expected.shape)
        size = max(float(expected.abs().max()), 1e-300)
        self.assertLessEqual(float((actual - expected).abs().max()) / size, tolerance)


class Schedules(Goldens):
    def test_noise_schedules(self):
        names = {"linear": "linear", "scaled_linear": "scaled_linear", "cosine": "cosine", "sigmoid/-3_3_1.0": "sigmoid"}
        checked = set()
        for case in cases("a_noise_schedules.json"):
            name = names.get(case["id"].rsplit("/T", 1)[0])
            if name is None:
                continue
            with self.subTest(case["id"]):
                abars = objectives.schedule(name, case["T"])
                self.close(abars[case["indices"]], case["alphas_cumprod"])
                self.close(abars.sum(), case["sum_alphas_cumprod"])
            checked.add(name)
        self.assertEqual(checked, set(names.values()))

    def test_nearest_timestep(self):
        abars = objectives.schedule("scaled_linear")
        for case in cases("d_conversions.json", "kd_discrete_eps"):
            if case["quantize"]:
                with self.subTest(case["id"]):
                    sigma = torch.tensor([case["sigma"]], dtype=torch.float32)
                    self.assertEqual(int(objectives.nearest_timestep(sigma, abars)), int(case["model_t"]))


class Chain(Goldens):
    def test_forward_and_posterior(self):
        for case in cases("c_diffusion_math.json", "q"):
            with self.subTest(case["id"]):
                abars = abars_of(case["beta"])
                t = torch.tensor([case["t"]])
                x0 = batch(case["x0"])
                x = objectives.diffuse(x0, batch(case["noise"]), abars[t])
                self.close(x, case["x_t"])
                mean, log_variance = objectives.posterior(x0, x, t, abars)
                self.close(mean, case["posterior_mean"])
                self.close(log_variance, case["posterior_log_variance_clipped"])

    def test_bound(self):
        kinds = {"fixed_small": 0, "learned_range": 0}
        for case in cases("c_diffusion_math.json", "vlb_term"):
            if case["variance_type"] not in kinds:
                continue
            with self.subTest(case["id"]):
                kinds[case["variance_type"]] += 1
                abars = abars_of(case["beta"])
                t = torch.tensor([case["t"]])
                x0, x = batch(case["x0"]), batch(case["x_t"])
                guess = objectives.clean("epsilon", batch(case["eps"]), x, abars[t])
                self.close(guess, case["pred_x0"])
                mean, log_variance = objectives.posterior(guess, x, t, abars)
                self.close(mean, case["p_mean"])
                if case["variance_type"] == "learned_range":
                    log_variance = objectives.learned_log_variance(batch(case["variance_output"]), t, abars)
                log_variance = log_variance.expand_as(x)
                self.close(log_variance, case["p_log_variance"])
                bits = objectives.vlb(x0, x, t, abars, mean, log_variance)
                if case["t"] > 0:
                    # A divergence is added up from terms of size 1 + |log variance|, rounded here as in the reference.
                    rounding = 4 * 2**-52 * (1 + float(log_variance.abs().max()))
                    self.close(bits, case["vb_bits_per_dim"], max(1e-10, rounding / case["vb_bits_per_dim"]))
                else:
                    density = torch.distributions.Normal(mean, (log_variance / 2).exp()).log_prob(x0).mean()
                    self.close(bits, -density / math.log(2))
                    self.close(objectives.vlb(x0, x, t, abars, mean, log_variance, objectives.discretized_nll), case["vb_bits_per_dim"])
        self.assertTrue(all(kinds.values()), kinds)

    def test_terms_of_bytes(self):
        for case in cases("c_diffusion_math.json", "discretized_gaussian_log_likelihood_nats"):
            with self.subTest(case["id"]):
                self.close(-objectives.discretized_nll(tensor(case["x"]), tensor(case["means"]), 2 * tensor(case["log_scales"])), case["log_prob_tanh_approx"])
        for case in cases("c_diffusion_math.json", "prior_bpd"):
            with self.subTest(case["id"]):
                self.close(objectives.prior_bits(batch(case["x0"]), abars_of(case["beta"])), case["prior_bits_per_dim"])

    def test_divergence(self):
        for case in cases("c_diffusion_math.json", "normal_kl_nats"):
            with self.subTest(case["id"]):
                arguments = (tensor(case[name]) for name in ("mean1", "logvar1", "mean2", "logvar2"))
                self.close(objectives.normal_kl(*arguments), case["kl"])


class Predictions(Goldens):
    def test_targets_and_what_they_imply(self):
        for case in cases("d_conversions.json", "vp_conversions"):
            with self.subTest(case["id"]):
                abar = tensor([case["alphas_cumprod"]])
                x, x0, eps = batch(case["x"]), batch(case["x0"]), batch(case["eps"])
                self.close(objectives.diffuse(x0, eps, abar), case["x"])
                self.close(objectives.target("v", x0, eps, abar), case["v"])
                for kind, output in (("epsilon", eps), ("v", batch(case["v"])), ("x0", x0)):
                    self.close(objectives.clean(kind, output, x, abar), case["x0"])

    def test_min_snr_weighs_the_error_of_x0_alike(self):
        abar = objectives.schedule("linear")
        snr = abar / (1 - abar)
        # An error of eps is snr times that of x0, one of v snr + 1 times.
        for kind, factor in (("epsilon", snr), ("v", snr + 1), ("x0", torch.ones_like(snr))):
            self.close(objectives.min_snr(kind, abar, 5.0) * factor, snr.clamp(max=5))

    def test_edm(self):
        for case in cases("d_edm_precond.json", "edm_scalings"):
            with self.subTest(case["id"]):
                sigma, data = tensor(case["sigma"]), case["sigma_data"]
                for actual, name in zip(objectives.edm_scalings(sigma, data), ("c_skip", "c_out", "c_in", "c_noise")):
                    self.close(actual, case[name])
                self.close(objectives.edm_weight(sigma, data), case["lambda"])
        for case in cases("d_edm_precond.json", "edm_wrap"):
            with self.subTest(case["id"]):
                skip, out, scale, _ = objectives.edm_scalings(tensor(case["sigma"]), case["sigma_data"])
                x = tensor(case["x"])
                self.close(scale * x, case["F_input"])
                self.close(skip * x + out * tensor(case["F_output"]), case["denoised"])
        for case in cases("d_edm_precond.json", "edm_loss"):
            with self.subTest(case["id"]):
                sigma, data = tensor(case["sigma"]), case["sigma_data"]
                x0 = tensor(case["x0"])
                skip, out, _, _ = objectives.edm_scalings(sigma, data)
                denoised = skip * (x0 + sigma * tensor(case["noise"])) + out * tensor(case["F_output"])
                weighted = objectives.edm_weight(sigma, data) * ((denoised - x0) ** 2).mean()
                self.close(weighted, case["kd_loss_F_space_mean"])


class Losses(unittest.TestCase):
    """What the losses of config.toml are, where no golden says: the same draws by hand."""

    def setUp(self):
        self.abars = objectives.schedule("cosine", 50)
        self.x0 = torch.randn(64, 2, 3, 3, generator=torch.Generator().manual_seed(1))

    def draws(self, seed):
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(self.x0.shape, generator=generator)
        return noise, torch.randint(0, 50, (64,), generator=generator)

    def test_a_network_that_knows_its_target_has_no_loss(self):
        noise, t = self.draws(3)
        for kind in ("epsilon", "v", "x0"):
            answer = objectives.target(kind, self.x0, noise, self.abars[t].float())
            for gamma in (0.0, 5.0):
                loss = objectives.loss(kind, lambda x, t: answer, self.x0, self.abars, torch.Generator().manual_seed(3), gamma)
                self.assertEqual(float(loss), 0)

    def test_the_bound_of_the_hybrid_moves_only_the_variance(self):
        said = torch.randn(64, 4, 3, 3, generator=torch.Generator().manual_seed(2)).tanh().requires_grad_()

        def gradient(kind):
            loss = objectives.loss(kind, lambda x, t: said, self.x0, self.abars, torch.Generator().manual_seed(3))
            return torch.autograd.grad(loss, said)[0].chunk(2, 1)

        noise, _ = self.draws(3)
        simple = 2 * (said[:, :2] - noise).detach() / noise.numel()
        hybrid, bound = gradient("hybrid"), gradient("vlb")
        torch.testing.assert_close(hybrid[0], simple)
        torch.testing.assert_close(hybrid[1], bound[1] * 1e-3 * 50)
        self.assertGreater(float(bound[0].abs().max()), 0)

    def test_edm_trains_at_its_own_sigmas(self):
        seen = []

        def network(x, t):
            seen.append((x, t))
            return torch.zeros_like(x)

        loss = objectives.loss("edm", network, self.x0, self.abars, torch.Generator().manual_seed(3))
        generator = torch.Generator().manual_seed(3)
        noise = torch.randn(self.x0.shape, generator=generator)
        sigma = torch.exp(torch.randn(64, generator=generator) * 1.2 - 1.2)[:, None, None, None]
        x = self.x0 + sigma * noise
        target = (self.x0 - x / (1 + sigma**2)) * (1 + sigma**2).sqrt() / sigma  # sigma_data 1: (x0 - c_skip x) / c_out
        torch.testing.assert_close(loss, (target**2).mean(), rtol=1e-4, atol=0)
        torch.testing.assert_close(seen[0][0], x / (1 + sigma**2).sqrt())


if __name__ == "__main__":
    unittest.main()
