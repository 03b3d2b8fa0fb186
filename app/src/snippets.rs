//! The same change for other tools: commands for the Databricks CLI, and blocks for Terraform.

pub(crate) mod databricks_cli;
pub(crate) mod terraform;
