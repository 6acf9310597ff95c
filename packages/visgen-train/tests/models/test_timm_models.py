"""Backbones of timm: small ones end to end, their own normalisation and weights, and refusals."""

import sys

import pytest
import torch
from safetensors.torch import save_file
from visgen_train.config import ModelConfig
from visgen_train.data.transforms import IMAGENET_MEAN, IMAGENET_STD
from visgen_train.errors import ConfigError, WeightsError
from visgen_train.models.backbone import build_backbone, check_backbone
from visgen_train.models.network import EmbeddingNetwork


def test_without_timm_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    for ask in (check_backbone, lambda name: build_backbone(name, "none", 64)):
        with pytest.raises(ConfigError, match=r"pip install 'visgen-train\[timm\]'.*such as resnet50"):
            ask("timm:resnet18")


@pytest.fixture
def timm():
    return pytest.importorskip("timm", reason="the extra timm is not installed")


@pytest.mark.parametrize(
    ("name", "width"), [("test_resnet", 96), ("test_vit", 64), ("mobilenetv3_small_050", 1024)]
)
def test_small_random_models(timm, name, width):
    backbone, found = build_backbone(f"timm:{name}", "none", 64)
    assert found == width
    assert backbone.eval()(torch.zeros(2, 3, 64, 64)).shape == (2, width)


def test_a_whole_network_on_it(timm):
    network = EmbeddingNetwork(ModelConfig("timm:test_vit", "none", hidden=8), classes=3, image_size=48)
    assert network(torch.zeros(2, 3, 48, 48)).embedding.shape == (2, 256)


@pytest.mark.parametrize(
    "name", ["test_vit", "resnet18"]
)  # of another normalisation than ImageNet's, and of that
def test_the_model_sees_pictures_normalised_as_it_wants(timm, name):
    made_for = timm.get_pretrained_cfg(name)
    torch.manual_seed(0)
    backbone, _ = build_backbone(f"timm:{name}", "none", 64)
    torch.manual_seed(0)
    size = {"img_size": 64} if made_for.fixed_input_size else {}
    original = timm.create_model(name, num_classes=0, **size)
    images = torch.rand(2, 3, 64, 64)

    def normalised(mean, std):
        return (images - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)

    torch.testing.assert_close(
        backbone.eval()(normalised(IMAGENET_MEAN, IMAGENET_STD)),
        original.eval()(normalised(made_for.mean, made_for.std)),
        rtol=1e-4,
        atol=1e-5,
    )


def test_unknown_names_and_tags_get_near_ones(timm):
    with pytest.raises(ConfigError, match=r"timm has no backbone 'timm:resnet_18'\. Perhaps timm:"):
        check_backbone("timm:resnet_18")
    with pytest.raises(ConfigError, match=r"no backbone 'timm:resnet18\.a9_in1k'\. Perhaps timm:resnet18\."):
        check_backbone("timm:resnet18.a9_in1k")
    check_backbone("timm:resnet18.a1_in1k")


@pytest.mark.parametrize("prefix", ["", "backbone."])
@pytest.mark.parametrize(
    "name", ["test_convnext", "test_vit"]
)  # the first has layers in `head` that must stay
def test_a_file_of_weights(timm, tmp_path, name, prefix):
    size = {"img_size": 64} if name == "test_vit" else {}
    state = timm.create_model(name, num_classes=7, **size).state_dict()
    save_file({prefix + key: value for key, value in state.items()}, tmp_path / "weights.safetensors")
    backbone, _ = build_backbone(f"timm:{name}", str(tmp_path / "weights.safetensors"), 64)
    assert all(torch.equal(value, state[key]) for key, value in backbone.state_dict().items())


def test_weights_that_cannot_be_had(timm, monkeypatch):
    def offline(*args, **kwargs):
        raise FileNotFoundError("no network")

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(
        WeightsError, match=r"timm:test_vit could not be downloaded \(no network\).*--weights none"
    ):
        build_backbone("timm:test_vit", "default", 64)
    with pytest.raises(WeightsError, match="Pass --weights default, none, or a file"):
        build_backbone("timm:test_vit", "imagenet", 64)


def test_the_default_settings_take_the_models_own_weights(timm, monkeypatch):
    """One flag, --backbone timm:NAME, is enough: "imagenet" as the default of every library always raised here."""
    asked = []
    original = timm.create_model

    def create(name, pretrained, **options):
        asked.append(pretrained)
        return original(name, pretrained=False, **options)

    monkeypatch.setattr(timm, "create_model", create)
    EmbeddingNetwork(ModelConfig("timm:test_resnet", hidden=8), classes=3, image_size=48)
    assert asked == [True]


def test_a_size_the_model_cannot_take(timm):
    with pytest.raises(
        ConfigError, match=r"timm:test_vit cannot be a backbone for pictures of 50 px .*image_size=224"
    ):
        build_backbone("timm:test_vit", "none", 50)
