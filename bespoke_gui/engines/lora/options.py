"""Options: what this engine honours of a kohya config, what cannot matter to it, and the rest."""

from __future__ import annotations

from typing import Any


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HONOURED = _words(
    """
    output_name network_module network_dim network_alpha network_dropout network_args
    network_train_unet_only network_train_text_encoder_only learning_rate unet_lr text_encoder_lr
    optimizer_type optimizer_args lr_scheduler lr_warmup_steps lr_scheduler_num_cycles
    lr_scheduler_power lr_scheduler_min_lr_ratio max_grad_norm train_batch_size
    gradient_accumulation_steps gradient_checkpointing max_train_epochs max_train_steps
    mixed_precision save_precision save_model_as save_every_n_epochs save_every_n_steps seed
    resolution enable_bucket bucket_no_upscale bucket_reso_steps min_bucket_reso max_bucket_reso
    resize_interpolation shuffle_caption keep_tokens keep_tokens_separator caption_separator
    secondary_separator enable_wildcard caption_prefix caption_suffix caption_extension
    caption_dropout_rate
    caption_dropout_every_n_epochs caption_tag_dropout_rate max_token_length clip_skip noise_offset
    multires_noise_iterations multires_noise_discount min_snr_gamma prior_loss_weight
    v_parameterization
    cache_latents flip_aug loss_type pretrained_model_name_or_path no_metadata training_comment
    validation_split validation_seed validate_every_n_epochs max_validation_steps
    """
)

IRRELEVANT = _words(
    """
    v2 sdxl xformers sdpa mem_eff_attn split_attn torch_compile dynamo_backend lowram highvram
    cache_latents_to_disk cache_text_encoder_outputs vae_batch_size skip_cache_check
    max_data_loader_n_workers persistent_data_loader_workers train_data_dir reg_data_dir output_dir
    logging_dir log_with log_prefix log_tracker_name log_config wandb_api_key wandb_run_name
    save_state save_state_on_train_end resume tokenizer_cache_dir config_file console_log_simple
    console_log_file console_log_level network_weights_strict no_half_vae
    full_fp16 full_bf16 fp8_base metadata_title metadata_author metadata_description
    metadata_license metadata_tags initial_epoch sample_sampler save_last_n_epochs_state
    save_last_n_steps_state disable_mmap_load_safetensors multires_noise
    """
)

WHY = {
    "sample_prompts": "the gallery asks every epoch the prompts of the protocol",
    "sample_every_n_epochs": "the gallery asks every epoch the prompts of the protocol",
    "sample_every_n_steps": "use the sample button during training",
    "validate_every_n_steps": "the held-out loss is measured at the end of epochs",
    "sample_at_first": "epoch 0 of the gallery shows the base without LoRA",
}


def not_honoured(config: dict[str, Any]) -> list[str]:
    """One sentence for each option with an effect in the trainer that this engine leaves out.

    Values that switch nothing on (False, None, 0, empty) pass in silence.
    """
    known = HONOURED | IRRELEVANT
    found = [key for key, value in config.items() if key not in known and not _neutral(value)]
    return [_sentence(key, config[key]) for key in sorted(found)]


def _neutral(value: Any) -> bool:
    return value is None or value is False or value in (0, "", [], {})


def _sentence(key: str, value: Any) -> str:
    why = WHY.get(key, "it has no effect in this engine")
    return f"option {key} = {str(value)[:60]} is not honoured: {why}"
