"""No English word in Chinese around a run either: its knobs and forks, the comparison, the list of runs, what can be taken along."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from chinese import english, texts
from picture_files import packed
from streamlit.testing.v1 import AppTest
from test_app import Visit, Visitor, at_work, choose, ended, live, visit  # noqa: F401 - fixtures
from test_chinese import _speaking, all_chinese, read  # noqa: F401 - fixtures
from test_gallery import run_with_samples
from test_manager import stopped
from test_take_panel import Kept, chosen, kept, shown  # noqa: F401 - fixtures

from gan_core.export import EXPORTS, Options
from gan_core.export.arrive import import_run
from gan_core.labels import MAX_NOTE
from gan_core.sentences import Sentence
from live.manager import LiveManager
from ui import favourites
from ui.components import tour
from ui.text import _, said


def words(page: Visitor) -> set[str]:
    return set(texts(page.at._tree))


def test_a_run_in_hand(read: Visit, live: LiveManager) -> None:  # noqa: F811
    page = read().click("start")
    at_work(live)
    assert {"惩罚项", "G 学习率", "D 学习率", "每步 D", "仅 D", "仅 G"} <= words(page)
    all_chinese(page.click("step-critic"))
    page.at.number_input(key="live_gamma").set_value(7.5)
    all_chinese(page.look())
    all_chinese(page.click("projector"))


def test_the_past_is_forked(read: Visit, live: LiveManager) -> None:  # noqa: F811
    page = read().click("start")
    run_id = at_work(live)
    page.click("fork")
    assert {"从过去分叉", "时刻", "分叉并训练"} <= words(page)
    all_chinese(page)
    page.at.selectbox(key="fork-name").set_value("—")
    all_chinese(page.look())
    all_chinese(page.click("fork-go"))
    assert f"等待的是：{run_id} 在第 0 步的分叉" in page.texts("markdown")
    all_chinese(page.click("wait"))
    assert f"{run_id} 在第 0 步的分叉" in page.texts("info")


def compared(page: Visitor, *runs: str) -> Visitor:
    page.at.query_params["runs"] = ",".join(runs)
    return page.page("compare")


def test_runs_are_compared(read: Visit, live: LiveManager) -> None:  # noqa: F811
    empty = read().page("compare")
    assert "请先训练两次" in words(empty)
    all_chinese(empty)
    runs = [ended(live), ended(live, game="non-saturating", latent_dim=8, gamma=2.0), ended(live, seed=1)]
    all_chinese(read().page("compare"))
    page = compared(read(), *runs[:2])
    assert {"博弈", "惩罚 γ", "D 的损失"} <= words(page)
    assert page.query["lang"] == "zh_CN"
    all_chinese(page)
    all_chinese(compared(read(), runs[0], runs[2], "20200101-000000-glyphs-0000"))
    all_chinese(compared(read(), *(ended(live, seed=seed) for seed in (2, 3, 4)), *runs[:2]))


def test_a_run_at_work_is_compared_with_its_fork(read: Visit, live: LiveManager) -> None:  # noqa: F811
    page = read().click("start")
    run_id = at_work(live)
    live.turn(run_id, "ann", "gamma", 7.5)
    stopped(live, run_id, "ann")
    page.look().click("fork").click("fork-go")
    fork = page.query["run"]
    assert fork != run_id
    all_chinese(page := compared(page, run_id, fork))
    assert any(f"{fork} 是 {run_id} 在第" in text for text in words(page))
    all_chinese(page.page("runs"))
    assert any(f"{run_id} 在第" in text for text in words(page))


def test_a_run_in_the_list_is_named_noted_pinned_and_deleted(read: Visit, live: LiveManager) -> None:  # noqa: F811
    run_id, other = ended(live), ended(live, seed=2)
    page = read().page("runs")
    assert {":material/edit: 重命名", ":material/delete: 删除"} <= words(page)
    for option in ("rename", "note", "pin", "unpin"):
        all_chinese(choose(page, run_id, option))
    page.at.text_input(key="runs-search").set_value("不存在")
    all_chinese(page.look())
    all_chinese(page.click("runs-all"))
    all_chinese(choose(page, run_id, "delete"))
    assert "已删除" in page.texts("info")
    live.store.trash.empty(0.0)
    all_chinese(page.click("undo"))
    assert "它的文件已彻底清除" in page.texts("error")
    assert other in page.texts("caption", "markdown")


def test_favourites(read: Visit, live: LiveManager) -> None:  # noqa: F811
    run_id = run_with_samples(live)
    for index in range(favourites.PAGE + 1):
        favourites.keep(run_id, {"name": "favourite", "label": -1, "step": 40, "index": index, "weights": "living"})
    all_chinese(page := read().page("runs"))
    assert {f"{favourites.PAGE + 1} 个收藏", "**图像 2**", "再显示 1 个"} <= words(page)


def only_chinese(at: AppTest) -> None:
    assert not {text: found for text in texts(at._tree) if (found := english(text))}


def test_what_can_be_taken_along(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("ui.text.SOURCE", "zh_CN")
    live, run_id = kept  # noqa: F811
    at = shown(run_id)
    for kind in EXPORTS:
        only_chinese(chosen(at, run_id, kind))
    only_chinese(at.button(key=f"take-make-{run_id}").click().run())
    empty = live.store.new(live.store.config(run_id))
    empty.close("stopped", "")
    at = shown(empty.run_id)
    assert "还没有图像" in at.info[0].value
    for kind in EXPORTS:
        only_chinese(chosen(at, empty.run_id, kind))
    assert "中没有训练任务" in shown("20200101-000000-glyphs-0000").info[0].value


def test_what_could_not_be_made_or_brought_in_is_told(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("ui.text.SOURCE", "zh_CN")
    live, run_id = kept  # noqa: F811
    with pytest.raises(ValueError, match="no run") as none:
        import_run(tmp_path / "in", io.BytesIO(packed({"a/b.txt": b"x"})))
    assert said(none.value).startswith("该 zip 文件 中没有训练任务")
    with pytest.raises(ValueError, match="The note has 2,001") as long:
        live.store.labels.set(run_id, note="x" * (MAX_NOTE + 1))
    assert said(long.value) == "备注有 2,001 个字符，而最多保存 2,000 个。请缩短它。"
    with pytest.raises(ValueError, match="fps is 99") as fast:
        Options(fps=99.0)
    assert said(fast.value) == "fps 的值是 99.0，应为：1 到 30 之间。"
    for path in (live.store.folder(run_id) / "weights").glob("*-checkpoint.safetensors"):
        path.unlink()
    job = live.jobs.wait_for(live.jobs.start("ann", run_id, kind="onnx", options=Options()).job_id, 60.0)
    assert job.state == "failed"
    assert isinstance(job.message, Sentence), "what is kept of a failure can be said in any language"


def test_the_tour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.text.SOURCE", "zh_CN")
    spoken = [_(text) for stop in tour.STOPS for text in (stop.title, stop.text)] + [_(word) for word in tour.WORDS.values()]
    assert not {text: found for text in spoken if (found := english(text))}
