#!/usr/bin/env python3
"""The same networks in PyTorch eager mode, one measurement a call: images per second, median of the steps of six seconds.

usage: pytorch_peer.py NETWORK MODE BATCH THREADS FORMAT
  NETWORK  b0 (torchvision's own) or b0:g16,e4,gn4 (its blocks with group convolutions and group norm)
  MODE     inference or training (SGD with momentum)
  FORMAT   nchw or channels_last
Prints one JSON object. Needs torch and torchvision; only the comparison in BENCHMARKS.md uses it.
"""
import functools
import json
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torchvision.models import efficientnet_b0
from torchvision.models.efficientnet import EfficientNet, MBConvConfig

STAGES = [(1, 3, 1, 32, 16, 1), (4, 3, 2, 16, 24, 2), (4, 5, 2, 24, 40, 2), (4, 3, 2, 40, 80, 3),
          (4, 5, 1, 80, 112, 3), (4, 5, 2, 112, 192, 4), (4, 3, 1, 192, 320, 1)]


def group_network():
    config = [MBConvConfig(e, k, s, i, o, n, width_mult=1.0, depth_mult=1.0) for e, k, s, i, o, n in STAGES]
    norm = functools.partial(lambda channels, **_: nn.GroupNorm(4, channels))
    network = EfficientNet(config, dropout=0.2, stochastic_depth_prob=0.0, norm_layer=norm)
    for parent in network.modules():
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d) and child.groups > 1:
                grouped = nn.Conv2d(child.in_channels, child.out_channels, child.kernel_size, child.stride,
                                    child.padding, groups=child.in_channels // 16, bias=False)
                setattr(parent, name, grouped)
    return network


def times_of(step, seconds, least):
    begin = time.perf_counter()
    times = []
    while len(times) < least or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return times


def main():
    name, mode, batch, threads, layout = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    network = efficientnet_b0() if name == 'b0' else group_network()
    memory_format = torch.channels_last if layout == 'channels_last' else torch.contiguous_format
    network = network.to(memory_format=memory_format).train(mode == 'training')
    images = torch.randn(int(batch), 3, 224, 224).to(memory_format=memory_format)
    labels = torch.randint(0, 1000, (int(batch),))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)

    def step():
        if mode == 'inference':
            with torch.no_grad():
                network(images)
            return
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()

    # About as long as ecfx takes: a virtual machine's processor is another one every few seconds.
    times_of(step, seconds=2, least=3)
    times = times_of(step, seconds=6, least=8)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    parameters = sum(parameter.numel() for parameter in network.parameters())
    print(json.dumps({'imagesPerSecond': int(batch) / statistics.median(times), 'peakMemoryBytes': peak,
                      'parameters': parameters}))


main()
