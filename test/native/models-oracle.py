"""What OpenVINO itself reads in an IR, and what numpy reads in a safetensors file, as JSON."""

import json
import struct
import sys


def graph(path):
    """Operations by type; constants and their bytes by element type; places in the .bin, and bytes."""
    import xml.etree.ElementTree as tree

    import openvino

    operations, constants = {}, {}
    for operation in openvino.Core().read_model(path).get_ops():
        kind = operation.get_type_name()
        operations[kind] = operations.get(kind, 0) + 1
        if kind == "Constant":
            name = operation.get_element_type().get_type_name()
            count, size = constants.get(name, (0, 0))
            constants[name] = (count + 1, size + operation.get_byte_size())
    places = {
        (int(data.attrib["offset"]), int(data.attrib["size"]))
        for data in tree.parse(path).getroot().iter("data")
        if "offset" in data.attrib
    }
    stored = [len(places), sum(size for _, size in places)]
    return {"operations": operations, "constants": constants, "stored": stored}


def tensors(path):
    """Mean, deviation and finiteness of each tensor of 16-bit floats."""
    import numpy

    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    statistics = {}
    for name, tensor in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in tensor["data_offsets"])
        bits = numpy.frombuffer(data[begin:end], dtype="<u2").astype("<u4") << 16
        values = bits.view("<f4").reshape(tensor["shape"])
        statistics[name] = [float(values.mean()), float(values.std()), bool(numpy.isfinite(values).all())]
    return {"isAligned": length % 8 == 0, "tensors": statistics}


print(json.dumps({"graph": graph, "tensors": tensors}[sys.argv[1]](sys.argv[2])))
