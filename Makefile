# HSC Portal: what to type.
#
#   make run          start everything; PORT=8001 chooses another port
#   make test         every check there is
#   make attack       ask the API what nobody would ask, other questions each time; TRIES=100
#   make lint         only the quick ones
#   make bench        measure how fast pages are served
#   make bench-search measure how well search finds what was judged; COLLECTION=<folder>
#   make bench-search-speed  measure how fast it does; TOPICS=50000 MEDQUAD=<folder or archive>
#   make bench-import measure how long publications take to come into the library
#   make bench-styles measure how long a bibliography of 100 references takes
#   make client-typescript  make the TypeScript client of docs/openapi.yaml, and compile its example
#   make lighthouse   measure pages as a slow phone gets them
#   make screenshots  take pictures of every kind of page
#   make messages     collect the texts of the interface and compile their translations
#   make lock         choose the newest fitting versions of all libraries anew
#   make clean        remove what was installed and cached; var/ with the database stays

PYTHON ?= python3
VENV := .venv
IN := $(VENV)/bin/python
PIP_INSTALL := $(IN) -m pip install --quiet --disable-pip-version-check --require-hashes

# $(call needs,command,package): as root on Debian what is missing is installed, elsewhere named.
define needs
@command -v $(1) >/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing $(2) …"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq update && apt-get -qq install --yes --no-install-recommends $(2) >/dev/null; \
	else \
		echo "The command $(1) is needed; install it (Debian: apt install $(2))."; \
		exit 1; \
	fi; }
endef

# $(call npm_install,folder of a lock,name): into build/, since npm installs beside the lock. No
# scripts of packages are run; one of them would fetch a Java of its own.
define npm_install
@cmp -s $(1)/package-lock.json build/$(2)/installed.json || { \
	echo "Installing the tools of $(1) …" && rm -rf build/$(2) && mkdir -p build/$(2) && \
	cp $(1)/package.json $(1)/package-lock.json build/$(2) && \
	npm ci --prefix build/$(2) --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && \
	cp $(1)/package-lock.json build/$(2)/installed.json; }
endef

.DEFAULT_GOAL := help
.PHONY: help run test attack lint lock messages bench bench-search bench-search-speed bench-import bench-styles
.PHONY: lighthouse screenshots client-typescript clean
.PHONY: venv runtime dev browser fonts shell checker

help:
	@sed -n 's/^#   //p' Makefile

# exec: a Ctrl-C then reaches the portal itself, and its exit code is the recipe's.
run: runtime
	@exec $(IN) -m hsc_portal.run

# The tests have a server and files of their own, beside those of `make run`. A test file stays on
# one worker, so that what its tests share is made once; tests/conftest.py says which come first.
test: export HSC_PORTAL_VAR := var/test
test: shell checker lint client-typescript
	$(IN) manage.py makemigrations --check --dry-run
	$(IN) -m pytest -n auto --dist loadfile --no-loadscope-reorder

attack: export HSC_PORTAL_VAR := var/test
attack: export TRIES ?= 100
attack: dev
	$(IN) -m pytest -n auto tests/test_api_attacked.py tests/test_api_pages.py

lint: dev
	$(IN) -m ruff check
	$(IN) -m ruff format --check
	$(VENV)/bin/lint-imports

bench: runtime
	@exec $(IN) -m hsc_portal.bench

# What it is compared with and measured by is no part of the portal.
bench-search: runtime
	@test -n "$(COLLECTION)" || { echo "Name a folder: make bench-search COLLECTION=…"; exit 1; }
	$(IN) -m pip install --quiet --disable-pip-version-check \
		bm25s==0.3.16 ir-measures==0.4.3 PyStemmer==3.1.0
	@exec $(IN) -m hsc_portal.bench.search "$(COLLECTION)"

bench-search-speed: TOPICS ?= 50000
bench-search-speed: runtime
	@test -n "$(MEDQUAD)" || { \
		echo "Say where MedQuAD is: make bench-search-speed TOPICS=50000 MEDQUAD=…"; exit 1; }
	@exec $(IN) -m hsc_portal.bench.speed "$(TOPICS)" "$(MEDQUAD)"

bench-import: runtime
	@exec $(IN) -m hsc_portal.bench.importing

bench-styles: runtime
	@exec $(IN) -m hsc_portal.bench.styles

lighthouse: runtime browser
	$(call needs,npm,npm)
	$(call npm_install,hsc_portal/quality/tools,lighthouse)
	@exec $(IN) -m hsc_portal.quality.lighthouse

# In build/, since packages are installed there: the types, and the example that must fit them.
TYPESCRIPT := build/typescript
client-typescript:
	$(call needs,npm,npm)
	$(call npm_install,clients/typescript,typescript)
	@cp clients/typescript/tsconfig.json clients/typescript/*.ts $(TYPESCRIPT)
	@$(TYPESCRIPT)/node_modules/.bin/openapi-typescript docs/openapi.yaml \
		--output $(TYPESCRIPT)/schema.d.ts >/dev/null
	@$(TYPESCRIPT)/node_modules/.bin/tsc --project $(TYPESCRIPT)
	@echo "The TypeScript client is made, and its example compiles."

screenshots: dev browser
	@exec $(IN) -m hsc_portal.quality.screenshots

# uv writes one lock for all platforms and Python versions, which pip cannot.
lock: venv
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --custom-compile-command "make lock" \
		pyproject.toml --output-file requirements.lock
	build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --custom-compile-command "make lock" \
		--extra dev --constraints requirements.lock \
		pyproject.toml --output-file requirements-dev.lock
	@rm -rf build/lock

# Collects what is to be translated; needs GNU gettext (Debian: apt install gettext).
messages: dev
	$(IN) manage.py makemessages --locale de --locale es --no-location --no-wrap --no-obsolete \
		--ignore tests --ignore "build/*" --ignore "var/*" \
		--ignore "hsc_portal/bench/*" --ignore "hsc_portal/quality/*"
	$(IN) manage.py compilemessages --locale de --locale es --ignore .venv

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@command -v $(PYTHON) >/dev/null || { \
		echo "Python 3.11, 3.12 or 3.13 is needed; name it as in: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
		echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13; name one, as in: make run PYTHON=python3.12"; \
		exit 1; }
	@$(IN) -c "import pip" 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) >/dev/null || { \
		rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment; install its venv and pip (Debian: apt install python3-venv)."; \
		exit 1; }

# A copy of the lock in the environment says what is installed there. Its date would not do: a
# checkout changes dates, not contents.
runtime: venv
	@cmp -s requirements.lock $(VENV)/requirements.lock || { \
		echo "Installing the libraries …" && $(PIP_INSTALL) -r requirements.lock && \
		cp requirements.lock $(VENV)/requirements.lock; }

dev: runtime
	@cmp -s requirements-dev.lock $(VENV)/requirements-dev.lock || { \
		echo "Installing the tools for tests …" && $(PIP_INSTALL) -r requirements-dev.lock && \
		cp requirements-dev.lock $(VENV)/requirements-dev.lock; }

browser:
	$(call needs,chromium,chromium)

# Charts are laid out for letters as wide as Arial's, and a test measures whether they are.
fonts: browser
	@fc-list 2>/dev/null | grep -qE "Liberation ?Sans|Arial" || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing fonts-liberation …"; \
			apt-get -qq install --yes --no-install-recommends fontconfig fonts-liberation >/dev/null; \
		else \
			echo "A font like Arial is needed; install it (Debian: apt install fonts-liberation)."; \
			exit 1; \
		fi; }

# The tests take Debian's Chromium without windows where it is to be had: it is a third quicker.
shell: fonts
	@command -v chromium-headless-shell >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get -qq install --yes --no-install-recommends chromium-headless-shell >/dev/null 2>&1; } || \
		echo "chromium-headless-shell is not to be had: the tests take chromium, and longer."

checker:
	$(call needs,xgettext,gettext)
	$(call needs,java,default-jre-headless)
	$(call needs,npm,npm)
	$(call npm_install,tests/tools,html)
