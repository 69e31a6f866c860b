//! The nouns of Kubernetes that podplay models.
