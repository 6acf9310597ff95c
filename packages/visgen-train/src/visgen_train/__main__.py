"""`python -m visgen_train` is `visgen`, for launchers that take a module: `torchrun -m visgen_train run ...`."""

from visgen_train.cli.main import main

if __name__ == "__main__":
    main()
