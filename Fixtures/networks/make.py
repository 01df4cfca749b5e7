"""Writes the small random networks of this folder, and what onnxruntime makes of them.

    python Fixtures/networks/make.py        (needs onnx, onnxruntime and numpy)

Each network comes as NAME.onnx and NAME.npy, its output in N x H x W x C for the input of `image`. Between them they
use every operator, attribute and pattern that `lsdnet convert` reads, at odd sizes where the network admits them.
"""

import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent


def image(height, width):
    """The input, H x W x 3 in [0, 1], which the tests make by the same rule."""
    count = height * width * 3
    index = np.arange(count, dtype=np.int64)
    return ((index * 7919 % 1009).astype(np.float32) / np.float32(1009)).reshape(height, width, 3)


class Network:
    """Collects nodes; every method returns the name of what it makes."""

    def __init__(self, seed, opset):
        self.random = np.random.default_rng(seed)
        self.opset = opset
        self.nodes, self.initializers = [], []

    def constant(self, value, dtype=np.float32):
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(self, operation, *inputs, **attributes):
        name = f"{operation.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [name], name=name, **attributes))
        return name

    def conv(self, x, inputs, outputs, kernel=3, stride=1, bias=True, group=1, **attributes):
        fan_in = inputs // group * kernel * kernel
        weights = self.random.normal(size=(outputs, inputs // group, kernel, kernel)) * np.sqrt(2 / fan_in)
        operands = [x, self.constant(weights)]
        if bias:
            operands.append(self.constant(self.random.normal(size=outputs) * 0.1))
        if "auto_pad" not in attributes:
            attributes["pads"] = [kernel // 2] * 4
        return self.node("Conv", *operands, strides=[stride, stride], group=group, **attributes)

    def batch_norm(self, x, channels):
        scale, mean = self.random.uniform(0.5, 1.5, channels), self.random.normal(size=channels) * 0.2
        shift, variance = self.random.normal(size=channels) * 0.2, self.random.uniform(0.5, 1.5, channels)
        return self.node("BatchNormalization", x, *map(self.constant, (scale, shift, mean, variance)), epsilon=1e-3)

    def relu(self, x):
        return self.node("Relu", x)

    def integers(self, *values):
        return self.constant(values, np.int64)

    def slice(self, x, start, end, axis):
        return self.node("Slice", x, self.integers(start), self.integers(end), self.integers(axis))

    def write(self, name, shape, height, width, channels_last=False):
        """The last node makes the output."""
        self.nodes[-1].output[0] = "maps"
        size = [1, height, width, 3] if channels_last else ["n", 3, "h", "w"]
        graph = helper.make_graph(
            self.nodes, name, [helper.make_tensor_value_info("image", TensorProto.FLOAT, size)],
            [helper.make_tensor_value_info("maps", TensorProto.FLOAT, shape)], self.initializers)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset)], producer_name="lsdnet fixtures")
        model.ir_version = 7
        onnx.checker.check_model(model)
        onnx.save(model, HERE / f"{name}.onnx")
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        x = image(height, width)[None]
        y = session.run(None, {"image": x if channels_last else x.transpose(0, 3, 1, 2)})[0]
        y = y if channels_last else y.transpose(0, 2, 3, 1)
        np.save(HERE / f"{name}.npy", np.ascontiguousarray(y[0], dtype="<f4"))
        print(name, y.shape)


def residual():
    """Odd sizes: strides, residual sums, depthwise, nested and repeated concatenation, and a head as PyTorch exports it."""
    n = Network(1, 17)
    e = n.relu(n.batch_norm(n.conv("image", 3, 8, stride=2, bias=False), 8))
    r = n.relu(n.node("Add", e, n.conv(n.relu(n.conv(e, 8, 8)), 8, 8)))
    # The sum comes before the convolution that makes its other half.
    side = n.conv(r, 8, 8, kernel=1)
    late = n.node("Add", n.conv(r, 8, 8), side)
    d = n.relu(n.batch_norm(n.conv(late, 8, 8, group=8), 8))
    inner = n.node("Concat", d, r, axis=1)
    outer = n.node("Concat", inner, e, d, axis=-3)
    x = n.relu(n.conv(outer, 32, 12, kernel=1))
    # A slice that a 3x3 kernel reads, and one that is concatenated.
    a = n.relu(n.conv(n.slice(x, 3, 9, 1), 6, 5, stride=2))
    b = n.relu(n.conv(x, 12, 4, kernel=1, stride=2))
    c = n.conv(n.relu(n.conv(x, 12, 12, stride=2, group=12)), 12, 3, auto_pad="SAME_UPPER")
    y = n.node("Concat", a, n.slice(b, -3, 2**62, 1), n.node("Identity", c), axis=1)
    maps = n.conv(y, 11, 3)
    heat = n.node("Sigmoid", n.slice(maps, 0, 1, 1))
    n.node("Concat", heat, n.slice(maps, 1, 3, 1), axis=1)
    n.write("residual", ["n", 3, "h2", "w2"], 27, 45)


def pyramid():
    """Pools, both kinds of doubling by scale, sums of two activations, a sum of one value with itself."""
    n = Network(2, 13)
    e0 = n.relu(n.conv("image", 3, 6))
    e1 = n.relu(n.conv(n.node("MaxPool", e0, kernel_shape=[2, 2], strides=[2, 2]), 6, 10))
    e2 = n.relu(n.conv(n.node("MaxPool", e1, kernel_shape=[2, 2], strides=[2, 2]), 10, 17))
    scales = n.constant([1, 1, 2, 2])
    u2 = n.node("Resize", e2, "", scales, mode="linear", coordinate_transformation_mode="half_pixel")
    d1 = n.relu(n.conv(n.node("Concat", e1, u2, axis=1), 27, 6))
    u1 = n.node("Resize", d1, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric",
                nearest_mode="floor")
    s = n.relu(n.node("Add", u1, e0))
    v = n.node("Resize", n.node("MaxPool", s, kernel_shape=[2, 2], strides=[2, 2]), "", scales, mode="nearest",
               coordinate_transformation_mode="half_pixel", nearest_mode="round_prefer_floor")
    t = n.node("Add", v, v)
    y = n.node("Concat", s, t, "image", axis=1)
    n.node("Sigmoid", n.conv(y, 15, 2))
    n.write("pyramid", ["n", 2, "h", "w"], 20, 28)


def transposed():
    """Channels last on the outside and sizes computed from shapes, as tf2onnx writes a network."""
    n = Network(3, 13)
    x = n.node("Transpose", "image", perm=[0, 3, 1, 2])
    e = n.relu(n.conv(x, 3, 7, auto_pad="SAME_UPPER"))
    p = n.relu(n.conv(n.node("MaxPool", e, kernel_shape=[2, 2], strides=[2, 2], auto_pad="VALID"), 7, 9))
    start = n.slice(n.node("Shape", p), 0, 2, 0)
    sizes = n.node("Concat", start, n.integers(10, 18), axis=0)
    nothing = n.constant([])
    u = n.node("Resize", p, nothing, nothing, sizes, mode="linear", coordinate_transformation_mode="half_pixel",
               nearest_mode="floor")
    y = n.node("Sigmoid", n.conv(n.node("Concat", u, e, axis=1), 16, 2, kernel=1))
    n.node("Transpose", y, perm=[0, 2, 3, 1])
    n.write("transposed", [1, 10, 18, 2], 10, 18, channels_last=True)


def shuffle():
    """Pixels made of channels: in PyTorch's order, with the activation after, read by a 3x3 kernel; and as the last layer."""
    n = Network(4, 13)
    x = n.relu(n.conv("image", 3, 16, stride=2))
    a = n.relu(n.node("DepthToSpace", n.conv(x, 16, 16), blocksize=2, mode="CRD"))
    b = n.relu(n.conv(a, 4, 16, stride=2))
    maps = n.node("DepthToSpace", n.conv(n.node("Concat", b, x, axis=1), 32, 16), blocksize=2)
    heat = n.node("Sigmoid", n.slice(maps, 0, 1, 1))
    ends = n.node("Sigmoid", n.slice(maps, 3, 4, 1))
    n.node("Concat", heat, n.slice(maps, 1, 3, 1), ends, axis=1)
    n.write("shuffle", ["n", 4, "h", "w"], 27, 45)


residual()
pyramid()
transposed()
shuffle()
