PYTHON ?= .venv/bin/python

.PHONY: test quick lint types bench run

test:   ## everything, the browser tests too
	$(PYTHON) -m pytest

quick:  ## what can be run after each change
	$(PYTHON) -m pytest -m "not browser and not slow and not gpu"

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

bench:  ## each benchmark for a few seconds; their full commands are in benchmarks/README.md
	$(PYTHON) -m benchmarks.step_rate --rounds 1 --seconds 2
	$(PYTHON) -m benchmarks.cpu_floor --rounds 5
	$(PYTHON) -m benchmarks.ui_tax --rounds 1 --seconds 3
	$(PYTHON) -m benchmarks.scorer --rounds 1 --seconds 5
	$(PYTHON) -m benchmarks.hand --servers 1 --starts 1 --seconds 5 --pauses 1 --switches 4 --forks 1
	$(PYTHON) -m benchmarks.soak --minutes 0.5 --readings 6
	$(PYTHON) -m benchmarks.parallel --rounds 1 --seconds 2 --networks mlp
	$(PYTHON) -m benchmarks.memory --first 10 --last 40
	$(PYTHON) -m benchmarks.recognisable --seconds 15
	$(PYTHON) -m benchmarks.run_list --runs 50 --times 3
	$(PYTHON) -m benchmarks.timeline --seconds 10 --rounds 1
	$(PYTHON) -m benchmarks.presets --only ring-8 --seeds 1 --seconds 5 --nowhere
	$(PYTHON) -m benchmarks.quality_per_second --only "mlp gamma 0.3" --seconds 15 --nowhere
	$(PYTHON) -m benchmarks.scrub --seconds 5 --rounds 1 --frames 300
	$(PYTHON) -m benchmarks.playground --runs 1 --windows 1 --seconds 3

run:
	$(PYTHON) -m streamlit run app.py
