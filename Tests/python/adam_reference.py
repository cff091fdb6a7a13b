"""Writes adam_reference.json: the parameters after each of 10 steps of torch.optim.Adam and torch.optim.AdamW.

Usage: adam_reference.py > adam_reference.json

Needs torch, which scripts/setup does not install; scripts/test does not run this. UpdateRuleTests compares dtrain with
the values that are committed.
"""

import json
import re

import torch

STEPS = 10
OPTIONS = {"lr": 0.003, "betas": (0.9, 0.999), "eps": 1e-8}

generator = torch.Generator().manual_seed(1)
initial = torch.tensor([1.5, -0.7, 0.25, -3.0, 0.1, 2.0, -0.4, 0.8])
# Gradients as small as eps tell where it is added; without one, weight decay alone moves the parameter.
magnitudes = torch.tensor([1.0, 30.0, 1e-3, 0.2, 5.0, 1e-5, 1e-8, 0.0])
gradients = [torch.randn(len(initial), generator=generator) * magnitudes for _ in range(STEPS)]


def numbers(tensor):
    """With nine digits, which tell every float32 from the next."""
    return [float(f"{x:.9g}") for x in tensor.tolist()]


def parameters_after_steps(optimizer, weight_decay):
    parameters = torch.nn.Parameter(initial.clone())
    rule = optimizer([parameters], weight_decay=weight_decay, **OPTIONS)
    for gradient in gradients:
        parameters.grad = gradient.clone()
        rule.step()
        yield numbers(parameters.detach())


reference = {
    "torch": torch.__version__,
    "initial": numbers(initial),
    "gradients": [numbers(gradient) for gradient in gradients],
    "runs": [
        {
            "optimizer": optimizer.__name__.lower(),
            "weight_decay": weight_decay,
            "parameters": list(parameters_after_steps(optimizer, weight_decay)),
        }
        for optimizer in (torch.optim.Adam, torch.optim.AdamW)
        for weight_decay in (0.0, 0.05)
    ],
}
# Each list of numbers on a line of its own.
text = json.dumps(reference, indent=1)
print(re.sub(r"\[[^][{}]*\]", lambda numbers: re.sub(r"\s+", " ", numbers[0]), text))
