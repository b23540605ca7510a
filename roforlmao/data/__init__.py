"""What operators share: local clones, sync with announcement, retrieval."""
