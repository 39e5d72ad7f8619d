"""Golden values of gradients and updates from PyTorch, for tests/gradients/golden.test.ts.

    apt-get install python3-torch
    /usr/bin/python3 scripts/golden-gradients.py

Everything is in double precision. Tensors are filled by a formula of their name and their elements' indices (`fill`)
that the test repeats, so the file holds results only: losses, gradients, running statistics, updated parameters.
"""

import json
import math
import statistics
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.use_deterministic_algorithms(True)

EPSILON = 1e-3
RUNNING_DECAY = 0.97


def fill(name, shape):
    """0.5 sin(phase + 0.9 i + 0.013 i²), where the phase is the sum of the name's codes; around 1 for gains."""
    phase = sum(map(ord, name))
    centre = 1 if name.endswith(("scale", "gamma", "ariance", "Square", "labels")) else 0
    size = math.prod(shape)
    values = [centre + 0.5 * math.sin(phase + 0.9 * i + 0.013 * i * i) for i in range(size)]
    return torch.tensor(values).reshape(shape)


def learned(shapes):
    return {name: fill(name, shape).requires_grad_() for name, shape in shapes.items()}


def flat(tensor):
    return [float(f"{value:.12g}") for value in tensor.detach().reshape(-1).tolist()]


def results(loss, tensors, **others):
    """The loss, its gradients by each tensor, and whatever else was computed."""
    loss.backward()
    gradients = {f"gradient {name}": flat(tensor.grad) for name, tensor in tensors.items()}
    return {"loss": flat(loss), **gradients, **{name: flat(tensor) for name, tensor in others.items()}}


def weighted(output):
    return (output * fill("weights", output.shape)).sum()


def soft_labels(shape):
    labels = fill("labels", shape)
    return labels / labels.sum(dim=1, keepdim=True)


def convolution(channels, filters, kernel, side, pads, with_bias, **options):
    shapes = {"input": (2, channels, *side), "filter": (filters, channels // options["groups"], kernel, kernel)}
    if with_bias:
        shapes["bias"] = (filters,)
    t = learned(shapes)
    top, left, bottom, right = pads
    padded = F.pad(t["input"], (left, right, top, bottom))
    return results(weighted(F.conv2d(padded, t["filter"], t.get("bias"), **options)), t)


def batch_norm():
    t = learned({"input": (3, 4, 3, 2), "scale": (4,), "offset": (4,)})
    mean, variance = fill("runningMean", (4,)), fill("runningVariance", (4,))
    y = F.batch_norm(
        t["input"], mean, variance, t["scale"], t["offset"], True, 1 - RUNNING_DECAY, EPSILON
    )
    return results(weighted(y), t, **{"next runningMean": mean, "next runningVariance": variance})


def group_norm(groups):
    t = learned({"input": (3, 4, 3, 2), "scale": (4,), "offset": (4,)})
    return results(weighted(F.group_norm(t["input"], groups, t["scale"], t["offset"], EPSILON)), t)


QUANTILES = torch.tensor([statistics.NormalDist().inv_cdf((i + 0.5) / 200) for i in range(200)])


def proxy_norm(y, beta, gamma, proxy_beta, proxy_gamma):
    """φ(γy + β) − μ̃ and 1 / √(σ̃² + 0.03), through autograd; arXiv 2106.03743 as graphcore/examples codes it."""
    column = lambda vector: vector[:, None]
    image = lambda vector: vector[None, :, None, None]
    proxy = column(proxy_beta) + (1 + column(proxy_gamma)) * QUANTILES[None, :]
    z = F.silu(column(gamma) * proxy + column(beta))
    centre, scale = z.mean(dim=1), (z.var(dim=1, unbiased=False) + 0.03).rsqrt()
    return F.silu(image(gamma) * y + image(beta)) - image(centre), image(scale)


def layer_norm_proxy_norm():
    vectors = ["beta", "gamma", "proxyBeta", "proxyGamma"]
    t = learned({"input": (3, 4, 3, 2), **{name: (4,) for name in vectors}})
    y = F.group_norm(t["input"], 1, eps=EPSILON)
    centred, scale = proxy_norm(y, *(t[name] for name in vectors))
    return results(weighted(centred * scale), t)


def evo_norm(kind):
    """Liu et al. 2020: B0 with the variances of the batch and of each image, S0 with those of groups."""
    t = learned({"input": (2, 4, 3, 2), "v": (4,), "scale": (4,), "offset": (4,)})
    image = lambda vector: vector[None, :, None, None]
    x, v = t["input"], image(t["v"])
    others = {}
    if kind == "b0":
        batch = x.var((0, 2, 3), unbiased=False)
        each = x.var((2, 3), unbiased=False, keepdim=True)
        y = x / torch.maximum((image(batch) + 1e-5).sqrt(), v * x + (each + 1e-5).sqrt())
        others = {"next variance": 0.9 * fill("variance", (4,)) + 0.1 * batch}
    else:
        # As many groups as channels: 32 do not fit into 4.
        deviation = (x.var((2, 3), unbiased=False, keepdim=True) + 1e-5).sqrt()
        y = x * torch.sigmoid(v * x) / deviation
    return results(weighted(y * image(t["scale"]) + image(t["offset"])), t, **others)


def weight_standardization():
    """Brock et al. 2021, as deepmind/deepmind-research writes it: variance times fan-in under the root."""
    t = learned({"filter": (4, 3, 2, 2), "gain": (4,)})
    w = t["filter"]
    mean, variance = w.mean((1, 2, 3), keepdim=True), w.var((1, 2, 3), unbiased=False, keepdim=True)
    scale = t["gain"][:, None, None, None] * torch.rsqrt(torch.clamp(variance * 12, min=1e-4))
    return results(weighted(1.7 * (w - mean) * scale), t)


def lambda_layer():
    """Bello 2021, figure 3 of the paper: einsums, and a three-dimensional convolution for the position lambdas."""
    heads, key, depth, value, window = 2, 3, 2, 4, 3
    shapes = {f"lambda.{name}.conv.filter": (n, 8, 1, 1) for name, n in [("query", 6), ("key", 6), ("value", 8)]}
    shapes |= {f"lambda.query.norm.{name}": (6,) for name in ("scale", "offset")}
    shapes |= {f"lambda.value.norm.{name}": (8,) for name in ("scale", "offset")}
    shapes |= {"lambda.embedding.conv.filter": (key, depth, window, window), "lambda.embedding.conv.bias": (key,)}
    t = learned({"input": (2, 8, 3, 4), **shapes})
    running = {
        f"lambda.{layer}.norm.{name}": fill(f"lambda.{layer}.norm.{name}", (channels,))
        for layer, channels in [("query", 6), ("value", 8)]
        for name in ("mean", "variance")
    }

    def project(layer, is_normalized):
        y = F.conv2d(t["input"], t[f"lambda.{layer}.conv.filter"])
        if not is_normalized:
            return y
        norm = f"lambda.{layer}.norm"
        mean, variance = running[f"{norm}.mean"], running[f"{norm}.variance"]
        scale, offset = t[f"{norm}.scale"], t[f"{norm}.offset"]
        return F.batch_norm(y, mean, variance, scale, offset, True, 1 - RUNNING_DECAY, EPSILON)

    q = project("query", True).reshape(2, heads, key, 12)
    k = project("key", False).reshape(2, key, depth, 12).softmax(dim=-1)
    v = project("value", True).reshape(2, value, depth, 12)
    content = torch.einsum("nkum,nvum->nkv", k, v)
    volume = v.reshape(2, value, depth, 3, 4).transpose(1, 2)
    embedding = t["lambda.embedding.conv.filter"].unsqueeze(2)
    bias = t["lambda.embedding.conv.bias"]
    position = F.conv3d(volume, embedding, bias, padding=(0, 1, 1)).reshape(2, key, value, 12)
    y = torch.einsum("nhkm,nkv->nhvm", q, content) + torch.einsum("nhkm,nkvm->nhvm", q, position)
    others = {f"next {name}": value for name, value in running.items()}
    return results(weighted(y.reshape(2, 8, 3, 4)), t, **others)


def squeeze_excite(x, gate_scale, t):
    mean = x.mean(dim=(2, 3), keepdim=True)
    hidden = F.silu(F.conv2d(mean, t["se.reduce.filter"], t["se.reduce.bias"]))
    gate = torch.sigmoid(F.conv2d(hidden, t["se.expand.filter"], t["se.expand.bias"]))
    return x * (gate if gate_scale is None else gate * gate_scale)


def squeeze_excite_shapes(channels, hidden):
    return {
        "se.reduce.filter": (hidden, channels, 1, 1),
        "se.reduce.bias": (hidden,),
        "se.expand.filter": (channels, hidden, 1, 1),
        "se.expand.bias": (channels,),
    }


def squeeze_excite_alone():
    t = learned({"input": (2, 6, 3, 4), **squeeze_excite_shapes(6, 2)})
    return results(weighted(squeeze_excite(t["input"], None, t)), t)


def cross_entropy_soft():
    t = learned({"logits": (3, 5)})
    return results(F.cross_entropy(4 * t["logits"], soft_labels((3, 5))), t)


def cross_entropy_smoothed():
    t = learned({"logits": (3, 5)})
    target = torch.tensor([1, 4, 0])
    return results(F.cross_entropy(4 * t["logits"], target, label_smoothing=0.1), t)


def network(norm):
    """An inverted bottleneck with squeeze-and-excite and a residual sum, a head, a loss."""
    layers = {"expand": 8, "spatial": 8, "project": 4, "head": 6}
    shapes = {"expand.conv.filter": (8, 4, 1, 1), "spatial.conv.filter": (8, 2, 3, 3), **squeeze_excite_shapes(8, 2)}
    shapes |= {"project.conv.filter": (4, 8, 1, 1), "head.conv.filter": (6, 4, 1, 1)}
    shapes |= {"classifier.dense.weight": (5, 6), "classifier.dense.bias": (5,)}
    for layer, channels in layers.items():
        if norm != "ln+pn":
            vectors = ["norm.scale", "norm.offset"]
        else:
            vectors = ["norm.scale"] if layer == "project" else ["beta", "gamma", "proxyBeta", "proxyGamma"]
        shapes |= {f"{layer}.{name}": (channels,) for name in vectors}
    t = learned({"images": (3, 4, 5, 4), **shapes})
    running = {
        f"{layer}.norm.{name}": fill(f"{layer}.norm.{name}", (channels,))
        for layer, channels in layers.items()
        for name in ("mean", "variance")
    }

    def normalize(x, layer):
        scale, offset = t.get(f"{layer}.norm.scale"), t.get(f"{layer}.norm.offset")
        if norm == "bn":
            mean, variance = running[f"{layer}.norm.mean"], running[f"{layer}.norm.variance"]
            return F.batch_norm(x, mean, variance, scale, offset, True, 1 - RUNNING_DECAY, EPSILON)
        return F.group_norm(x, {"gn2": 2, "ln+pn": 1}[norm], scale, offset, EPSILON)

    def activate(x, layer):
        y = normalize(x, layer)
        if norm != "ln+pn":
            return F.silu(y), None
        return proxy_norm(y, *(t[f"{layer}.{name}"] for name in ("beta", "gamma", "proxyBeta", "proxyGamma")))

    x, scale = activate(F.conv2d(t["images"], t["expand.conv.filter"]), "expand")
    x = x if scale is None else x * scale
    x, scale = activate(F.conv2d(x, t["spatial.conv.filter"], padding=1, groups=4), "spatial")
    x = squeeze_excite(x, scale, t)
    x = normalize(F.conv2d(x, t["project.conv.filter"]), "project")
    x = t["images"] + x * fill("dropPathMask", (3, 1, 1, 1))
    x, _ = activate(F.conv2d(x, t["head.conv.filter"]), "head")
    features = x.mean(dim=(2, 3)) * fill("classifier.dropoutMask", (3, 6))
    logits = F.linear(features, t["classifier.dense.weight"], t["classifier.dense.bias"])
    loss = F.cross_entropy(logits, soft_labels((3, 5)))
    others = {f"next {name}": value for name, value in running.items()} if norm == "bn" else {}
    return results(loss, t, **others)


STEPS = [0.1, 0.05, 0.2]
"""Learning rates of three updates; their gradients are `fill("gradient<number>")`."""


def torch_updates(create):
    w = fill("weight", (7,)).requires_grad_()
    optimizer = create([w])
    out = {}
    for number, rate in enumerate(STEPS, start=1):
        for group in optimizer.param_groups:
            group["lr"] = rate
        w.grad = fill(f"gradient{number}", (7,))
        optimizer.step()
        out[f"weight {number}"] = flat(w)
    return out


def rmsprop():
    """TensorFlow's, as the study's code runs it: ε inside the root, the mean square starts at 1, coupled decay."""
    rho, momentum, epsilon, decay = 0.9, 0.8, 1e-3, 0.01
    w, s, m = fill("weight", (7,)), torch.ones(7), torch.zeros(7)
    out = {}
    for number, rate in enumerate(STEPS, start=1):
        g = fill(f"gradient{number}", (7,)) + decay * w
        s = rho * s + (1 - rho) * g**2
        m = momentum * m + rate * g / torch.sqrt(s + epsilon)
        w = w - m
        out[f"weight {number}"] = flat(w)
    return out


def adam_epsilon_hat():
    """Adam in the form before §2.1 of Kingma & Ba, as TensorFlow writes it: ε beside the uncorrected root."""
    beta1, beta2, epsilon = 0.8, 0.95, 1e-2
    w, m, v = fill("weight", (7,)), torch.zeros(7), torch.zeros(7)
    out = {}
    for number, rate in enumerate(STEPS, start=1):
        g = fill(f"gradient{number}", (7,))
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        alpha = rate * math.sqrt(1 - beta2**number) / (1 - beta1**number)
        w = w - alpha * m / (torch.sqrt(v) + epsilon)
        out[f"weight {number}"] = flat(w)
    return out


def main():
    plain = {"stride": 1, "dilation": 1}
    cases = {
        "convolution, grouped, stride 2, bias": convolution(
            4, 6, 3, (6, 5), (1, 1, 1, 1), True, stride=2, dilation=1, groups=2
        ),
        "convolution, depthwise, stride 2, asymmetric": convolution(
            4, 4, 3, (6, 4), (0, 0, 1, 1), False, stride=2, dilation=1, groups=4
        ),
        "convolution, dense, dilated": convolution(
            3, 2, 3, (6, 5), (2, 2, 2, 2), False, stride=1, dilation=2, groups=1
        ),
        "convolution, pointwise": convolution(3, 4, 1, (2, 3), (0, 0, 0, 0), False, **plain, groups=1),
        "batch norm": batch_norm(),
        "group norm": group_norm(2),
        "layer norm": group_norm(1),
        "instance norm": group_norm(4),
        "layer norm, proxy norm": layer_norm_proxy_norm(),
        "evonorm-b0": evo_norm("b0"),
        "evonorm-s0": evo_norm("s0"),
        "weight standardization": weight_standardization(),
        "lambda layer": lambda_layer(),
        "squeeze-and-excite": squeeze_excite_alone(),
        "cross-entropy, soft labels": cross_entropy_soft(),
        "cross-entropy, label smoothing": cross_entropy_smoothed(),
        "network bn": network("bn"),
        "network gn2": network("gn2"),
        "network ln+pn": network("ln+pn"),
        "sgd": torch_updates(lambda w: torch.optim.SGD(w, lr=1, momentum=0.9, weight_decay=0.01)),
        "rmsprop": rmsprop(),
        "adamw": torch_updates(
            lambda w: torch.optim.AdamW(w, lr=1, betas=(0.8, 0.95), eps=0, weight_decay=0.1)
        ),
        "adam, epsilon": adam_epsilon_hat(),
    }
    source = {"implementation": f"PyTorch {torch.__version__}", "script": "scripts/golden-gradients.py"}
    lines = [
        f"  {json.dumps(name)}: {{\n"
        + ",\n".join(f"    {json.dumps(key)}: {json.dumps(values)}" for key, values in case.items())
        + "\n  }"
        for name, case in cases.items()
    ]
    text = f'{{\n"source": {json.dumps(source)},\n"cases": {{\n' + ",\n".join(lines) + "\n}\n}\n"
    path = Path(__file__).parent.parent / "fixtures" / "golden" / "gradients.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(f"{path}: {len(cases)} cases, {len(text)} bytes")


main()
