"""Tiny random captioning models, saved as transformers saves real ones; nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertLMHeadModel,
    BertTokenizer,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessorPil,
    BlipProcessor,
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    GitConfig,
    GitForCausalLM,
    GitProcessor,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessorPil,
    ViTModel,
)

SIZE = 32
WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<image>", "portrait", "of", "bespoke", "punk"),
    *("lad", "lady", "brown", "hair", "blue", "eyes", "green", "red", "hat", "background", "a"),
    *("smiling", "wearing", "pixel", "art", ","),
]
SMALL = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2,
         "num_attention_heads": 4}  # fmt: skip
TEMPLATE = (
    "{% for m in messages %}{% for c in m['content'] %}{% if c['type'] == 'image' %}<image> "
    "{% else %}{{ c['text'] }} {% endif %}{% endfor %}{% endfor %}"
)


def blip(folder: Path) -> Path:
    """BLIP: one processor for images and words."""
    text = {**SMALL, "vocab_size": len(WORDS), "encoder_hidden_size": 32, "bos_token_id": 2,
            "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0,
            "max_position_embeddings": 64, "projection_dim": 32}  # fmt: skip
    config = BlipConfig(text_config=text, vision_config=_vision(), projection_dim=32)
    _model(BlipForConditionalGeneration, config).save_pretrained(folder)
    BlipProcessor(BlipImageProcessorPil(size=_size()), _bert()).save_pretrained(folder)
    return folder


def git(folder: Path) -> Path:
    """GIT: a decoder alone, with image tokens in front."""
    config = GitConfig(
        **SMALL, vision_config={**_vision(), "num_channels": 3}, vocab_size=len(WORDS),
        max_position_embeddings=64, bos_token_id=2, eos_token_id=3, pad_token_id=0,
    )  # fmt: skip
    _model(GitForCausalLM, config).save_pretrained(folder)
    images = CLIPImageProcessorPil(size=_size(), crop_size=_size())
    GitProcessor(images, _bert()).save_pretrained(folder)
    return folder


def vision_encoder_decoder(folder: Path) -> Path:
    """ViT and BERT, as ViT-GPT2 is: tokenizer and image processor without a processor."""
    torch.manual_seed(0)
    encoder = ViTModel(ViTConfig(**SMALL, image_size=SIZE, patch_size=8))
    decoder = BertLMHeadModel(
        BertConfig(**SMALL, vocab_size=len(WORDS), is_decoder=True, add_cross_attention=True)
    )
    model = VisionEncoderDecoderModel(encoder=encoder, decoder=decoder)
    model.config.decoder_start_token_id = model.generation_config.decoder_start_token_id = 2
    model.config.pad_token_id = model.generation_config.pad_token_id = 0
    model.generation_config.eos_token_id = 3
    model.save_pretrained(folder)
    ViTImageProcessorPil(size=_size()).save_pretrained(folder)
    _bert().save_pretrained(folder)
    return folder


def llava(folder: Path) -> Path:
    """LLaVA: follows a prompt, by a chat template."""
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**_vision()),
        text_config=LlamaConfig(**SMALL, vocab_size=len(WORDS), max_position_embeddings=256,
                                bos_token_id=2, eos_token_id=3, pad_token_id=0),
        image_token_index=WORDS.index("<image>"), vision_feature_layer=-1,
    )  # fmt: skip
    _model(LlavaForConditionalGeneration, config).save_pretrained(folder)
    processor = LlavaProcessor(
        CLIPImageProcessorPil(size=_size(), crop_size=_size()), _words_tokenizer(), patch_size=8,
        vision_feature_select_strategy="default", chat_template=TEMPLATE,
        num_additional_image_tokens=1,
    )  # fmt: skip
    processor.save_pretrained(folder)
    return folder


ALL = {"blip": blip, "git": git, "vision_encoder_decoder": vision_encoder_decoder, "llava": llava}


def _model(kind, config):
    torch.manual_seed(0)
    return kind(config)


def _size() -> dict[str, int]:
    return {"height": SIZE, "width": SIZE}


def _vision() -> dict[str, int]:
    return {**SMALL, "image_size": SIZE, "patch_size": 8, "projection_dim": 32}


def _bert() -> BertTokenizer:
    return BertTokenizer(vocab={word: index for index, word in enumerate(WORDS)})


def _words_tokenizer() -> PreTrainedTokenizerFast:
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: index for index, word in enumerate(WORDS)}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]", bos_token="[CLS]",
        eos_token="[SEP]", extra_special_tokens={"image_token": "<image>"},
    )  # fmt: skip
