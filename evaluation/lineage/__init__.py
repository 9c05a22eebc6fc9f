"""Where a model comes from, and where a document went: read along the rows, counted, never loaded as a whole.

Down (`origin`): deployment, build, adapters in the order they continue each other, trainings, datasets, samples,
reviewers, chunks, documents, commits. Up (`reach`): a document or a dataset, the adapters that learned from it or
continue one that did, their builds and deployments.
"""
