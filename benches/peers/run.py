"""Runs the same work here and in other tools, and prints one table. README.md says what and how."""

import argparse
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BARS, TRIALS, REPLICATES, YEAR = 17_520, 1_000, 3_000, 8_760
FEE, SLIPPAGE = 0.001, 0.0005
WEIGHTS = [0.4, 0.3, 0.2, 0.1]
WINDOWS, LOWER, LEAVE = list(range(5, 25, 2)), list(range(15, 35)), list(range(45, 95))
PEER_LEAVE = LEAVE[::50]


def inside_environment():
    """Starts this script again in its own environment, which is made where it is missing."""
    home = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "peers"
    python = home / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() == home.resolve():
        return
    if not python.exists():
        venv.create(home, with_pip=True)
    wanted = str(HERE / "requirements.txt")
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=True)
    sys.exit(subprocess.run([python, __file__, *sys.argv[1:]], check=False).returncode)


inside_environment()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402


def timed(task, times=3):
    """Processor seconds of this thread, the best of several after one that may compile."""
    done = task()
    best = float("inf")
    for _ in range(times):
        start = time.thread_time()
        done = task()
        best = min(best, time.thread_time() - start)
    return best, done


def write_data(folder):
    rng = np.random.default_rng(7)
    steps = rng.standard_t(5, BARS) * 0.006
    # The last bars rise, so that every combination ends flat.
    steps[-60:] = 0.01
    close = 100 * np.exp(np.cumsum(steps))
    before = np.concatenate([[100.0], close[:-1]])
    opens = before * np.exp(rng.normal(0, 0.0005, BARS))
    high = np.maximum(opens, close) * (1 + 0.002 * rng.random(BARS))
    low = np.minimum(opens, close) * (1 - 0.002 * rng.random(BARS))
    columns = {"open": opens, "high": high, "low": low, "close": close}
    for i in range(4):
        columns[f"strategy{i}"] = 0.01 * rng.standard_t(5, BARS) + 0.0001
    columns["trials"] = 0.01 * rng.standard_normal((TRIALS, 1_600))
    for name, values in columns.items():
        np.ascontiguousarray(values, dtype="<f8").tofile(folder / name)
    (folder / "grid.toml").write_text(
        "[sweep.rsi]\nkind = \"rsi_reversion\"\ndescription = \"Both sides.\"\n"
        f"[sweep.rsi.parameters]\nrsi_window = {WINDOWS}\nlower = {LOWER}\nupper = 100\n"
        f"exit_lower = {LEAVE}\n"
    )
    return columns


def ours(folder, program):
    words = [program.resolve()] if program else ["cargo", "bench", "-q", "--bench", "peers", "--"]
    told = subprocess.run(
        [*words, str(folder)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    return {line["task"]: line for line in lines}


def sweep(data, found):
    import numba
    import vectorbt as vbt

    quick = numba.njit(rsi_kernel)
    index = pd.date_range("2022-01-01", periods=BARS, freq="h")
    opens, close = (pd.Series(data[name], index=index) for name in ("open", "close"))
    grid = list(itertools.product(WINDOWS, LOWER, PEER_LEAVE))

    def run():
        strengths = {window: quick(data["close"], window) for window in WINDOWS}
        enter = np.empty((BARS, len(grid)), dtype=bool)
        leave = np.empty_like(enter)
        for column, (window, lower, exit_lower) in enumerate(grid):
            enter[:, column] = strengths[window] < lower
            leave[:, column] = strengths[window] >= exit_lower
        # Filled at the next open.
        enter[1:], enter[0] = enter[:-1].copy(), False
        leave[1:], leave[0] = leave[:-1].copy(), False
        portfolio = vbt.Portfolio.from_signals(
            close, enter, leave, price=opens, fees=FEE, slippage=SLIPPAGE, freq="1h", init_cash=1.0
        )
        return (
            portfolio.total_return().to_numpy(),
            portfolio.sharpe_ratio(year_freq="365 days").to_numpy(),
            -portfolio.max_drawdown().to_numpy(),
            portfolio.trades.count().to_numpy(),
        )

    seconds, theirs = timed(run, times=1)
    every = list(itertools.product(LEAVE, LOWER, WINDOWS))
    rows = dict(zip(every, found["rows"], strict=True))
    apart = 0.0
    for column, (window, lower, exit_lower) in enumerate(grid):
        own = rows[(exit_lower, lower, window)]
        if own[3] != theirs[3][column]:
            sys.exit(f"trades differ at {grid[column]}: {own[3]} and {theirs[3][column]}")
        for mine, other in zip(own[:3], (part[column] for part in theirs[:3]), strict=True):
            if mine is not None:
                apart = max(apart, abs(mine - other) / (1 + abs(mine)))
    mine = found["seconds"] * 1e9 / (BARS * len(every))
    other = seconds * 1e9 / (BARS * len(grid))
    what = f"RSI sweep, one core ({len(every):,} combinations; vectorbt {len(grid)})"
    return [(what, "vectorbt", "ns per bar and combination", mine, other, f"{apart:.0e} over {len(grid)} combinations")]


def rsi_kernel(close, window):
    values = np.full(len(close), np.nan)
    gain = loss = 0.0
    for at in range(1, len(close)):
        c = close[at] - close[at - 1]
        up, down = max(c, 0.0), max(-c, 0.0)
        if at == 1:
            gain, loss = up, down
        else:
            # Division by the window as a product, as ours does it.
            gain += (up - gain) * (1.0 / window)
            loss += (down - loss) * (1.0 / window)
        if at >= window:
            both = gain + loss
            values[at] = 100.0 * gain / both if both > 0.0 else 50.0
    return values


def figures_of(returns):
    equity = np.cumprod(1 + returns)
    peak = np.maximum(np.maximum.accumulate(equity), 1.0)
    return np.array([returns.mean() / returns.std(ddof=1) * np.sqrt(YEAR), 1 - (equity / peak).min()])


def bootstrap(data, found):
    from arch.bootstrap import StationaryBootstrap

    strategies = np.column_stack([data[f"strategy{i}"] for i in range(4)])
    rows = []
    for block in (24, 5):
        def run(block=block):
            summed = strategies @ np.array(WEIGHTS)
            return StationaryBootstrap(block, summed, seed=42).apply(figures_of, REPLICATES)

        seconds, theirs = timed(run, times=1)
        own = found[f"bootstrap{block}"]
        apart = 0.0
        for mine, column in zip((own["sharpe"], own["max_drawdown"]), theirs.T, strict=True):
            spread = column.std()
            for value, quantile in zip(mine, np.quantile(column, [0.05, 0.5, 0.95]), strict=True):
                apart = max(apart, abs(value - quantile) / spread)
        if apart > 0.2:
            sys.exit(f"quantiles of the bootstrap differ by {apart:.2f} standard deviations")
        what = f"Stationary bootstrap, {REPLICATES:,} x {BARS:,} bars, mean block {block}, one core"
        check = f"quantiles within {apart:.2f} standard deviations"
        rows.append((what, "arch", "s", own["seconds"], seconds, check))
    return rows


def halves():
    return [list(half) for half in itertools.combinations(range(16), 8)]


def pbo_from(inside, outside):
    """Both arrays: splits x trials."""
    splits, trials = inside.shape
    best = inside.argmax(axis=1)
    chosen = outside[np.arange(splits), best][:, None]
    # Mean ranks, counted from the worst.
    rank = (outside < chosen).sum(axis=1) + ((outside == chosen).sum(axis=1) + 1) / 2
    share = rank / (trials + 1)
    return float((np.log(share / (1 - share)) <= 0).mean())


def overfitting(data, found):
    trials = data["trials"]
    choose = np.zeros((12_870, 16))
    for row, half in enumerate(halves()):
        choose[row, half] = 1
    length = trials.shape[1] // 16

    def by_blocks():
        blocks = trials.reshape(TRIALS, 16, length)
        sums, squares = blocks.sum(axis=2).T, (blocks**2).sum(axis=2).T

        def sharpe(choose):
            n = 8 * length
            mean = choose @ sums / n
            return mean / np.sqrt((choose @ squares - n * mean**2) / (n - 1))

        return pbo_from(sharpe(choose), sharpe(1 - choose))

    def plainly(count=20):
        inside, outside = [], []
        pieces = np.split(trials.T, 16)
        for half in halves()[:count]:
            rest = [i for i in range(16) if i not in half]
            for chosen, into in ((half, inside), (rest, outside)):
                joined = np.concatenate([pieces[i] for i in chosen])
                into.append(joined.mean(axis=0) / joined.std(axis=0, ddof=1))
        return pbo_from(np.array(inside), np.array(outside))

    seconds, theirs = timed(by_blocks, times=2)
    if abs(theirs - found["pbo"]) > 1e-12:
        sys.exit(f"the probability of overfitting differs: {found['pbo']} and {theirs}")
    plain, _ = timed(plainly, times=1)
    what = "Probability of overfitting, 16 blocks, 1,000 trials, one core"
    return [
        (what, "numpy, block sums", "s", found["seconds"], seconds, f"both {theirs:.6f}"),
        (what, "numpy, every split", "s", found["seconds"], plain * 12_870 / 20, "scaled from 20 splits"),
    ]


def preset(data, found):
    import quantstats as qs
    import vectorbt as vbt
    from arch.bootstrap import StationaryBootstrap

    index = pd.date_range("2022-01-01", periods=BARS, freq="h")
    close = pd.Series(data["close"], index=index)
    summed = np.column_stack([data[f"strategy{i}"] for i in range(4)]) @ np.array(WEIGHTS)
    returns = pd.Series(summed, index=index)

    def run():
        for window in (7, 14, 21, 28):
            strength = vbt.RSI.run(close, window).rsi
            portfolio = vbt.Portfolio.from_signals(
                close, strength < 30, strength >= 50, fees=FEE, slippage=SLIPPAGE, freq="1h"
            )
            portfolio.stats()
        StationaryBootstrap(26, summed, seed=42).apply(figures_of, REPLICATES)
        qs.reports.metrics(returns, display=False, mode="full", periods_per_year=YEAR)

    run()
    start = time.perf_counter()
    run()
    seconds = time.perf_counter() - start
    what = "Preset multi_style_moderate, 3,000 runs, stress, reports, by the clock"
    return [(what, "vectorbt, arch, quantstats", "s", found["seconds"], seconds, "the parts alone")]


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--ours", type=pathlib.Path, help="an already built bench program of ours")
    words.add_argument("--markdown", type=pathlib.Path, help="also write the table there")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data = write_data(folder)
        found = ours(folder, asked.ours)
    rows = sweep(data, found["sweep"])
    rows += bootstrap(data, found)
    rows += overfitting(data, found["pbo"])
    rows += preset(data, found["preset"])
    lines = [
        "| Work | Peer | Unit | Ours | Peer's | Ratio | Same figures |",
        "|---|---|---|---|---|---|---|",
    ]
    for what, peer, unit, mine, other, check in rows:
        lines.append(f"| {what} | {peer} | {unit} | {mine:.3g} | {other:.3g} | {other / mine:.1f} | {check} |")
    print("\n".join(lines))
    if asked.markdown:
        asked.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
