"""What a denoiser is trained on: noise schedules, the forward process, and one loss for each objective.

Checked against the same goldens as src/core/diffusion (`python -m unittest test_objectives`). Time steps count from 0. Pictures are
latents unless `first` says otherwise: the t = 0 term of the bound is `gaussian_nll` for latents, `discretized_nll` for bytes.
"""
import math

import torch


def schedule(name, steps=1000, dtype=torch.float64):
    """abar_t of a training schedule: "linear" and "cosine" (improved DDPM), "scaled_linear" (Stable Diffusion), "sigmoid" (on abar)."""
    if name in ("linear", "scaled_linear"):
        a, b = (1e-4, 0.02) if name == "linear" else (0.00085**0.5, 0.012**0.5)
        betas = torch.linspace(a, b, steps, dtype=dtype)
        return torch.cumprod(1 - (betas if name == "linear" else betas**2), 0)
    u = torch.arange(steps + 1, dtype=dtype) / steps
    if name == "cosine":
        abar = torch.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2
        return torch.cumprod(1 - (1 - abar[1:] / abar[:-1]).clamp(max=0.999), 0)
    if name == "sigmoid":
        start, end = torch.sigmoid(torch.tensor(-3.0, dtype=dtype)), torch.sigmoid(torch.tensor(3.0, dtype=dtype))
        abar = (end - torch.sigmoid(u * 6 - 3)) / (end - start)
        return torch.cumprod(1 - (1 - abar[1:] / abar[:-1]).clamp(0, 0.999), 0)
    raise ValueError(f'schedule "{name}" is not one of linear, scaled_linear, cosine, sigmoid')


def broad(values, like):
    """One number a picture, shaped to multiply pictures."""
    return values.to(like.dtype).view(-1, *[1] * (like.ndim - 1))


def diffuse(x0, noise, abar):
    """q(x_t | x_0): sqrt(abar) x0 + sqrt(1 - abar) eps."""
    return broad(abar.sqrt(), x0) * x0 + broad((1 - abar).sqrt(), x0) * noise


def target(kind, x0, noise, abar):
    """What a network of that prediction is to say: "epsilon", "v" = sqrt(abar) eps - sqrt(1 - abar) x0, or "x0"."""
    if kind == "v":
        return broad(abar.sqrt(), x0) * noise - broad((1 - abar).sqrt(), x0) * x0
    return {"epsilon": noise, "x0": x0}[kind]


def clean(kind, output, x, abar):
    """x0 as a prediction of that kind implies it."""
    a, b = broad(abar.sqrt(), x), broad((1 - abar).sqrt(), x)
    if kind == "v":
        return a * x - b * output
    return (x - b * output) / a if kind == "epsilon" else output


def min_snr(kind, abar, gamma):
    """Weight of a squared error under min-SNR-gamma (Hang et al. 2023); gamma 0 means 1."""
    if not gamma:
        return torch.ones_like(abar)
    snr = abar / (1 - abar)
    capped = snr.clamp(max=gamma)
    return {"epsilon": capped / snr, "v": capped / (snr + 1), "x0": capped}[kind]


def posterior(x0, x, t, abars):
    """Mean and log variance (of t = 1 in place of the 0 at t = 0) of q(x_{t-1} | x_t, x_0)."""
    before = torch.cat([torch.ones_like(abars[:1]), abars[:-1]])
    betas = 1 - abars / before
    variance = betas * (1 - before) / (1 - abars)
    log_variance = torch.log(torch.cat([variance[1:2], variance[1:]]))
    first = before.sqrt() * betas / (1 - abars)
    second = (1 - before) * (1 - betas).sqrt() / (1 - abars)
    return broad(first[t], x) * x0 + broad(second[t], x) * x, broad(log_variance[t], x)


def learned_log_variance(v, t, abars):
    """Improved DDPM, equation 15: v in -1..1 between beta~ and beta, in logs."""
    before = torch.cat([torch.ones_like(abars[:1]), abars[:-1]])
    betas = 1 - abars / before
    variance = betas * (1 - before) / (1 - abars)
    low = broad(torch.log(torch.cat([variance[1:2], variance[1:]]))[t], v)
    high = broad(torch.log(betas)[t], v)
    share = (v + 1) / 2
    return share * high + (1 - share) * low


def normal_kl(mean_a, log_variance_a, mean_b, log_variance_b):
    """KL(a | b) of Gaussians, in nats, element by element."""
    return 0.5 * (-1 + log_variance_b - log_variance_a + torch.exp(log_variance_a - log_variance_b) + (mean_a - mean_b) ** 2 * torch.exp(-log_variance_b))


def gaussian_nll(x, mean, log_variance):
    """Negative log density in nats: the t = 0 term for latents, which unlike pixels have no bins."""
    return 0.5 * (math.log(2 * math.pi) + log_variance + (x - mean) ** 2 * torch.exp(-log_variance))


def discretized_nll(x, mean, log_variance):
    """Negative log probability in nats of bytes scaled to -1..1: the t = 0 term for pixels (Ho et al. 2020, equation 13).

    A byte's bin is 2/255 wide and the outer two reach to infinity; the normal distribution function is the `tanh` approximation of DDPM's
    code, whose numbers papers report, and no probability counts as less than 1e-12.
    """
    below = lambda z: 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))  # noqa: E731
    scale = torch.exp(-log_variance / 2)
    low, high = below(scale * (x - mean - 1 / 255)), below(scale * (x - mean + 1 / 255))
    inner = torch.where(x > 0.999, 1 - low, high - low)
    return -torch.where(x < -0.999, high, inner).clamp(min=1e-12).log()


def prior_bits(x0, abars):
    """L_T in bits per dimension, one number a picture: KL(q(x_T | x_0) | N(0, 1))."""
    abar = abars[-1]
    kl = normal_kl(abar.sqrt() * x0, torch.log(1 - abar), torch.zeros_like(x0), torch.zeros_like(x0))
    return kl.flatten(1).mean(1) / math.log(2)


def vlb(x0, x, t, abars, mean, log_variance, first=gaussian_nll):
    """L_t of the variational bound in bits per dimension, one number a picture."""
    true_mean, true_log_variance = posterior(x0, x, t, abars)
    kl = normal_kl(true_mean, true_log_variance, mean, log_variance).flatten(1).mean(1)
    nll = first(x0, mean, log_variance).flatten(1).mean(1)
    return torch.where(t == 0, nll, kl) / math.log(2)


# ---- EDM (Karras et al. 2022, table 1)


def edm_scalings(sigma, data):
    """c_skip, c_out, c_in, c_noise."""
    total = sigma**2 + data**2
    return data**2 / total, sigma * data / total.sqrt(), 1 / total.sqrt(), sigma.log() / 4


def edm_weight(sigma, data):
    return (sigma**2 + data**2) / (sigma * data) ** 2


# ---- losses: `net(x, t)` gives the raw output; one number comes back


def loss(kind, net, x0, abars, generator=None, gamma=0.0, first=gaussian_nll):
    """The loss of a batch under an objective of config.toml."""
    n = len(x0)
    noise = torch.randn(x0.shape, device=x0.device, dtype=x0.dtype, generator=generator)
    if kind == "edm":  # in variance-exploding coordinates; the network still gets x_t and its timestep
        sigma = torch.exp(torch.randn(n, device=x0.device, generator=generator) * 1.2 - 1.2)
        skip, out, scale, _ = (broad(c, x0) for c in edm_scalings(sigma, 1.0))
        x = x0 + broad(sigma, x0) * noise
        t = nearest_timestep(sigma, abars)
        denoised = skip * x - out * net(scale * x, t).float()  # the sign: with a deviation of 1, -F is v
        return (broad(edm_weight(sigma, 1.0), x0) * (denoised - x0) ** 2).mean()
    t = torch.randint(0, len(abars), (n,), device=x0.device, generator=generator)
    abar = abars[t].float()
    x = diffuse(x0, noise, abar)
    output = net(x, t).float()
    if kind in ("vlb", "hybrid"):  # eps and the variance's share, twice the channels
        eps, v = output.chunk(2, 1)
        frozen = eps.detach() if kind == "hybrid" else eps  # L_vlb guides only the variance in the hybrid
        double = abars.double()
        guess = clean("epsilon", frozen.double(), x.double(), double[t])
        mean, _ = posterior(guess, x.double(), t, double)
        bound = vlb(x0.double(), x.double(), t, double, mean, learned_log_variance(v.double(), t, double), first).mean().float()
        return bound if kind == "vlb" else ((eps - noise) ** 2).mean() + 1e-3 * len(abars) * bound
    error = ((output - target(kind, x0, noise, abar)) ** 2).flatten(1).mean(1)
    return (min_snr(kind, abar, gamma) * error).mean()


def nearest_timestep(sigma, abars):
    """The training timestep whose sigma is nearest, in logs."""
    table = ((1 - abars) / abars).sqrt().log().float()
    return (sigma.log()[:, None] - table).abs().argmin(1)
