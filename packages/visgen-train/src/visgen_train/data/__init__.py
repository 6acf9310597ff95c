"""What the user brings: images by species, labelled sequences, their match and their split."""
