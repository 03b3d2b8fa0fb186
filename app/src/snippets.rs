//! The same change for other tools: commands of the Databricks CLI, and blocks of Terraform.

pub(crate) mod databricks_cli;
pub(crate) mod terraform;
