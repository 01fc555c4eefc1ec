"""The noise schedule: v-prediction down to zero signal, sampled with trailing steps."""

import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler, rescale_zero_terminal_snr

TRAIN_STEPS = 1000
BETA_START, BETA_END = 0.00085, 0.012


def make_scheduler() -> DDIMScheduler:
    """The scheduler written into the pipeline folder."""
    return DDIMScheduler(
        num_train_timesteps=TRAIN_STEPS,
        beta_start=BETA_START,
        beta_end=BETA_END,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        steps_offset=1,
        # Without these two, schedulers made from this configuration would bring defaults of their
        # own: clipping latents to -1..1 washes colours out.
        clip_sample=False,
        set_alpha_to_one=True,
    )


def alphas_sigmas() -> tuple[torch.Tensor, torch.Tensor]:
    """Signal and noise shares for every training step, two (1000,) float32 tensors."""
    betas = torch.linspace(BETA_START**0.5, BETA_END**0.5, TRAIN_STEPS) ** 2
    bars = torch.cumprod(1 - rescale_zero_terminal_snr(betas), 0)
    return bars.sqrt(), (1 - bars).clamp(min=0).sqrt()


def learning_rate(step: int, total: int, peak: float, warmup: int = 100) -> float:
    """Warm-up, then flat, then a cosine to 2% over the last 40% of the steps.

    It depends on the step alone, so that a resumed run equals an uninterrupted one.
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    start = int(total * 0.6)
    if step < start:
        return peak
    done = min(1.0, (step - start) / max(1, total - start))
    half_cosine = 0.5 * (1 + torch.cos(torch.tensor(done * torch.pi)).item())
    return peak * (0.02 + 0.98 * half_cosine)
