# tdp: a training data platform that lives wholly inside PostgreSQL.
#
# As any PostgreSQL extension (PG_CONFIG= chooses the server):
#   make                the library and the install script
#   make install        into the server's own directories
#   make installcheck   regression and isolation tests against a running
#                       server; the private one below when PGHOST is not set
#
# In a private copy of the server under build/, which installs from Debian's
# packages whatever is missing and leaves the system's server alone:
#   make demo           the whole story on a throwaway server
#   make test           every test suite; SUITES="regress tap" runs some of
#                       them, REGRESS="install schema" some regression tests
#   make cluster        start or reuse a server with this tree's tdp in it;
#                       prints a connection string: psql "$$(make -s cluster)"
#   make stop           stop that server and remove it
#   make format         indent the C files as PostgreSQL does
#   make clean          remove everything that was built
#
# A file that is added to a room needs no line here; a new room is one word in
# ROOMS, in the order in which the install script creates things.

ROOMS = base schema shape project capture queue answer agreement consensus \
	propagate module

EXTENSION = tdp
MODULE_big = tdp
PGFILEDESC = "tdp - training data platform"

# PGXS builds elsewhere when VPATH names this directory.
TOP := $(if $(VPATH),$(VPATH),.)
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(TOP)/tdp.control)

SOURCES := $(foreach room,$(ROOMS),$(sort $(wildcard $(TOP)/src/$(room)/*.c)))
OBJS = $(patsubst $(TOP)/%.c,%.o,$(SOURCES))
KERNEL_OBJS = $(filter %_kernel.o,$(OBJS))

# The install script: a start, each room's tables and then what may be run
# again (functions, views, comments), what it does for a project, a finish.
FRAGMENTS := $(wildcard $(TOP)/src/base/start.sql \
	$(foreach room,$(ROOMS),$(TOP)/src/$(room)/$(room)_tables.sql \
		$(TOP)/src/$(room)/$(room).sql \
		$(TOP)/src/$(room)/$(room)_project.sql) \
	$(TOP)/src/base/finish.sql)
SCRIPT = tdp--$(EXTVERSION).sql
DATA_built = $(SCRIPT)

# -Wextra finds fault with PostgreSQL's own headers in these two points. A
# function that no header declares is an error, as newer compilers have it.
HEADER_FAULTS = -Wno-unused-parameter -Wno-sign-compare
PG_CFLAGS = -Wextra $(HEADER_FAULTS) -Werror=implicit-function-declaration \
	-MMD -MP
PG_CPPFLAGS = -I$(TOP)/src -DTDP_VERSION=\"$(EXTVERSION)\"

REGRESS := $(shell sed -n 's/^test: *//p' $(TOP)/test/regress_schedule)
ISOLATION := $(sort $(notdir $(basename $(wildcard $(TOP)/test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=$(TOP)/test/isolation
EXTRA_CLEAN = $(OBJS:.o=.d) output_iso

all:

PG_CONFIG ?= pg_config
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))

ifneq ($(PGXS),)

# Bitcode for the JIT is made only where the compiler for it is at hand.
CLANG_FOR_JIT := $(shell sed -n 's/^CLANG *= *//p' $(dir $(PGXS))../Makefile.global)
ifeq ($(shell command -v $(firstword $(CLANG_FOR_JIT) none)),)
override with_llvm = no
endif

ifndef PGHOST
DEV_SERVER := $(shell cat $(TOP)/build/dev.dsn 2>/dev/null)
ifneq ($(DEV_SERVER),)
installcheck: export PGHOST = $(patsubst host=%,%,$(filter host=%,$(DEV_SERVER)))
installcheck: export PGPORT = $(patsubst port=%,%,$(filter port=%,$(DEV_SERVER)))
installcheck: export PGUSER = postgres
endif
endif

include $(PGXS)

# Elsewhere sources alone are looked for in the tree: an object that a plain
# "make" left there may be for another server.
ifneq ($(VPATH),)
srcdir := $(TOP)
override VPATH :=
vpath %.c $(TOP)
vpath %.control $(TOP)
endif

# A kernel knows nothing of PostgreSQL: no header of it is in its way.
KERNEL_CFLAGS = $(filter-out -O% $(HEADER_FAULTS),$(CFLAGS)) -std=c11 -O3 \
	-fvisibility=hidden

$(KERNEL_OBJS): %_kernel.o: %_kernel.c
	@$(MKDIR_P) $(@D)
	$(CC) $(KERNEL_CFLAGS) -I$(TOP)/src -c $< -o $@

$(filter-out $(KERNEL_OBJS),$(OBJS)): | object-directories

.PHONY: object-directories
object-directories:
	@$(MKDIR_P) $(sort $(dir $(OBJS)))

# Objects follow the headers they include.
-include $(wildcard $(OBJS:.o=.d))

$(SCRIPT): $(FRAGMENTS) $(TOP)/tdp.control $(TOP)/Makefile
	cat $(FRAGMENTS) >$@

else

all install installcheck:
	@echo 'no pg_config of a server with its development files: install' \
		'postgresql-server-dev-NN, or name one with PG_CONFIG=' >&2; exit 1

clean:

endif

# ---- the private server -----------------------------------------------------

HARNESS = $(TOP)/test/harness

.PHONY: test demo cluster stop format clean-private

test:
	@$(HARNESS)/test

demo:
	@$(HARNESS)/demo

cluster:
	@$(HARNESS)/cluster start

stop:
	@$(HARNESS)/cluster stop

format:
	@$(TOP)/tools/format

clean: clean-private

clean-private:
	@$(HARNESS)/cluster clean
