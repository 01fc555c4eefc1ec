"""An AutoencoderKL whose weights are written by hand: one latent cell is one art pixel.

Feature channels come in mirrored pairs (r, -r, g, -g, b, -b, K, -K). The group mean is then 0 and
the huge constant K pins the group variance, so GroupNorm is a fixed scale; silu(x) - silu(-x) = x
makes what is left linear. At 192 px the latent is 24x24x4 and a linear map of the cell colours.
"""

from typing import Any

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

LATENT_CHANNELS = 4
CELL = 8  # image pixels along one latent cell
IMAGE_SIZE = 192
_K = 64.0
_DEVIATION = _K / 2  # of the eight channels, as K dwarfs the colours


def _forward_map() -> np.ndarray:
    """(4, 3) float64: RGB in -1..1 to latents. Brightness shrunk, colour differences widened."""
    third, half, sixth = 3**-0.5, 2**-0.5, 6**-0.5
    opponent = np.array([[third] * 3, [half, 0, -half], [-sixth, 2 * sixth, -sixth]])
    scaled = np.diag([1.0, 1.6, 1.6]) @ opponent
    frame = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / 2
    return (frame @ scaled).astype(np.float16).astype(np.float64)


FORWARD = _forward_map()
BACKWARD = np.linalg.pinv(FORWARD)


def encode_cells(cells: np.ndarray) -> torch.Tensor:
    """Latents of art pixels without running the VAE.

    (N, 24, 24, 3) uint8 -> (N, 4, 24, 24) float32; equals the VAE's encoding at 192 px.
    """
    rgb = cells.astype(np.float32) * np.float32(2 / 255) - 1
    latents = rgb @ FORWARD.T.astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(latents.transpose(0, 3, 1, 2)))


def build_vae() -> AutoencoderKL:
    """The finished autoencoder, float32, in evaluation mode."""
    # diffusers declares these tuples with one element each; any length is right.
    shape: dict[str, Any] = {
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "block_out_channels": (8, 8, 8, 8),
    }
    vae = AutoencoderKL(
        in_channels=3,
        out_channels=3,
        **shape,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=1,
        sample_size=IMAGE_SIZE,
        scaling_factor=1.0,
        mid_block_add_attention=False,
    )
    with torch.no_grad():
        _zero(vae)
        _write_encoder(vae)
        _write_decoder(vae)
    return vae.eval()


def _zero(vae: AutoencoderKL) -> None:
    # Resnets with zero weights are the identity through their skip connection.
    for parameter in vae.parameters():
        parameter.zero_()


def _mirror(matrix: np.ndarray) -> np.ndarray:
    """Rows for channels (x, -x) of each row of `matrix`, plus two empty rows for K."""
    rows = np.zeros((8, matrix.shape[1]))
    rows[0:6:2], rows[1:6:2] = matrix, -matrix
    return rows


def _set_centre(conv, matrix: np.ndarray, bias=None) -> None:
    """Use a convolution as a plain matrix: only its centre tap is not zero."""
    centre = conv.weight.shape[-1] // 2
    conv.weight[:, :, centre, centre] = torch.as_tensor(np.array(matrix), dtype=torch.float32)
    if bias is not None:
        conv.bias.copy_(torch.as_tensor(np.array(bias), dtype=torch.float32))


def _constants() -> np.ndarray:
    return np.array([0, 0, 0, 0, 0, 0, _K, -_K])


def _unmirror() -> np.ndarray:
    """(3, 8): silu(x) - silu(-x), which is x, of each colour pair."""
    rows = np.zeros((3, 8))
    for i in range(3):
        rows[i, 2 * i], rows[i, 2 * i + 1] = 1.0, -1.0
    return rows


def _write_norm(norm) -> None:
    # GroupNorm divides by the deviation that K pins; its weight puts the colours back in size.
    norm.weight.fill_(_DEVIATION)


def _write_encoder(vae: AutoencoderKL) -> None:
    encoder = vae.encoder
    _set_centre(encoder.conv_in, _mirror(np.eye(3)), _constants())
    for stage in encoder.down_blocks[:-1]:
        weight = stage.get_submodule("downsamplers.0.conv").get_parameter("weight")
        weight[:, :, 0:2, 0:2] = (torch.eye(8) / 4)[:, :, None, None]
    _write_norm(encoder.conv_norm_out)
    moments = np.concatenate([FORWARD @ _unmirror(), np.zeros((4, 8))])
    # A log variance of -30: sampling the latent adds nothing visible.
    _set_centre(encoder.conv_out, moments, [0.0] * 4 + [-30.0] * 4)
    _set_centre(vae.quant_conv, np.eye(8))


def _write_decoder(vae: AutoencoderKL) -> None:
    decoder = vae.decoder
    _set_centre(vae.post_quant_conv, np.eye(4))
    _set_centre(decoder.conv_in, _mirror(BACKWARD), _constants())
    for stage in decoder.up_blocks[:-1]:
        _set_centre(stage.get_submodule("upsamplers.0.conv"), np.eye(8))
    _write_norm(decoder.conv_norm_out)
    _set_centre(decoder.conv_out, _unmirror())
