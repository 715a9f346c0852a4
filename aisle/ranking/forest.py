"""Boosted trees as they are served: LightGBM's, carried over to ONNX, whose runtime asks them twice as fast or more.

The same trees: a threshold in double precision becomes the largest float32 that is not above it, so that every float32
goes the same way; what differs is the order in which leaves are added (1e-6 of the sum).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from aisle.errors import StageError
from aisle.records.history import Floats

LEAF, BRANCH = "LEAF", "BRANCH_LEQ"


class Forest:
    """The sum of the leaves (raw score) of a LightGBM booster with numerical splits. One thread, as a request has."""

    def __init__(self, booster: Any) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.width = int(booster.num_feature())
        self._session = onnxruntime.InferenceSession(_exported(booster.dump_model(), self.width), options)

    def predict(self, features: Floats) -> Floats:
        """float32 (n, width) → float32 (n,)."""
        if features.shape[1] != self.width:
            raise StageError("trees", features.shape, f"features of shape (n, {self.width})")
        if not len(features):
            return np.zeros(0, np.float32)
        [scores] = self._session.run(None, {"features": np.ascontiguousarray(features, np.float32)})
        return np.asarray(scores[:, 0], np.float32)


def _exported(dump: Mapping[str, Any], width: int) -> bytes:
    """The operator TreeEnsembleRegressor of ai.onnx.ml, one attribute a column of all nodes."""
    from onnx import TensorProto, helper

    nodes, leaves = _Nodes(), _Leaves()
    for tree, said in enumerate(dump["tree_info"]):
        _walk(said["tree_structure"], tree, nodes, leaves)
    operator = helper.make_node(
        "TreeEnsembleRegressor", ["features"], ["scores"], domain="ai.onnx.ml", n_targets=1,
        **{f"nodes_{name}": values for name, values in vars(nodes).items()},
        **{f"target_{name}": values for name, values in vars(leaves).items()},
    )  # fmt: skip
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, width])
    made = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 1])
    versions = [helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("", 17)]
    model = helper.make_model(helper.make_graph([operator], "trees", [given], [made]), opset_imports=versions)
    model.ir_version = 8  # what every onnxruntime of the range reads
    return bytes(model.SerializeToString())


class _Nodes:
    """Columns of all nodes, named as the operator's attributes."""

    def __init__(self) -> None:
        self.treeids: list[int] = []
        self.nodeids: list[int] = []
        self.featureids: list[int] = []
        self.modes: list[str] = []
        self.values: list[float] = []
        self.truenodeids: list[int] = []
        self.falsenodeids: list[int] = []
        self.missing_value_tracks_true: list[int] = []

    def add(self, tree: int, node: int, feature: int, mode: str, value: float, missing: bool) -> int:
        """A node whose children are not known yet; returns its place in the columns."""
        for column, said in zip(
            vars(self).values(), (tree, node, feature, mode, value, 0, 0, int(missing)), strict=True
        ):
            column.append(said)
        return len(self.treeids) - 1


class _Leaves:
    """Columns of all leaves."""

    def __init__(self) -> None:
        self.treeids: list[int] = []
        self.nodeids: list[int] = []
        self.ids: list[int] = []
        self.weights: list[float] = []


def _walk(root: Mapping[str, Any], tree: int, nodes: _Nodes, leaves: _Leaves) -> None:
    """All nodes of one tree, numbered in the order in which they are met."""
    todo: list[tuple[Mapping[str, Any], int, bool]] = [(root, -1, False)]  # node, place of its parent, is it the left?
    number = 0
    while todo:
        said, parent, left = todo.pop()
        split = "split_feature" in said
        if split and (said["decision_type"] != "<=" or said["missing_type"] == "Zero"):
            raise StageError("trees", f"{said['decision_type']}, {said['missing_type']}", "numerical splits")
        if parent >= 0:
            (nodes.truenodeids if left else nodes.falsenodeids)[parent] = number
        if split:
            absent = said["default_left"] if said["missing_type"] == "NaN" else said["threshold"] >= 0  # None: NaN is 0
            place = nodes.add(tree, number, said["split_feature"], BRANCH, _below(said["threshold"]), absent)
            todo += [(said["right_child"], place, False), (said["left_child"], place, True)]
        else:
            nodes.add(tree, number, 0, LEAF, 0.0, False)
            for column, value in zip(vars(leaves).values(), (tree, number, 0, said["leaf_value"]), strict=True):
                column.append(value)
        number += 1


def _below(threshold: float) -> float:
    """The largest float32 that is not above a double."""
    with np.errstate(over="ignore"):  # what is above every float32 becomes the largest
        nearest = np.float32(threshold)
    return float(nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf)))
