# Mayfly's own template: a builder machine, what a batch needs, the team's playbook, the seal, the image.
# Packer 1.6.6 reads it too; what only the plugin of today knows is left out for it (adapters/packer/template.ts).

variable "project_id" { type = string }
variable "zone" { type = string }
variable "image_name" { type = string }
variable "image_description" { type = string }
variable "image_labels" { type = map(string) }
variable "source_image" { type = string }
variable "source_image_project_id" { type = string }
variable "machine_type" { type = string }
variable "disk_size" { type = number }
variable "instance_name" { type = string }
variable "labels" { type = map(string) }
variable "max_run_duration_in_seconds" { type = number }
variable "use_internal_ip" { type = bool }

variable "subnetwork" {
  type    = string
  default = ""
}

variable "service_account_email" {
  type    = string
  default = ""
}

# A team's own template may declare these too. Where Packer tells what it made:
variable "mayfly_manifest" { type = string }

# The folder of Mayfly's playbooks, the team's one, and a file of variables for each:
variable "mayfly_ansible" { type = string }
variable "mayfly_machine_variables" { type = string }
variable "mayfly_playbook" { type = string }
variable "mayfly_playbook_variables" { type = string }

source "googlecompute" "mayfly" {
  project_id              = var.project_id
  zone                    = var.zone
  image_name              = var.image_name
  image_description       = var.image_description
  image_labels            = var.image_labels
  source_image            = var.source_image
  source_image_project_id = [var.source_image_project_id]
  machine_type            = var.machine_type
  disk_size               = var.disk_size
  disk_type               = "pd-balanced"
  instance_name           = var.instance_name
  labels                  = var.labels

  # Google deletes the machine by itself, should nobody else be there to do it.
  max_run_duration_in_seconds = var.max_run_duration_in_seconds
  instance_termination_action = "DELETE"

  subnetwork       = var.subnetwork
  use_internal_ip  = var.use_internal_ip
  omit_external_ip = var.use_internal_ip

  # Without an account of its own the builder may do nothing in the project.
  service_account_email           = var.service_account_email
  disable_default_service_account = var.service_account_email == ""
  scopes                          = ["https://www.googleapis.com/auth/cloud-platform"]

  # Nobody's keys but Packer's come into the image. With OS Login the key would not be heard.
  metadata = {
    block-project-ssh-keys = "true"
    enable-oslogin         = "FALSE"
  }

  # Other kinds of temporary key are unreadable for Ansible without a proxy.
  communicator            = "ssh"
  ssh_username            = "packer"
  temporary_key_pair_type = "rsa"
  ssh_timeout             = "10m"
  state_timeout           = "10m"
}

build {
  sources = ["source.googlecompute.mayfly"]

  # Ansible connects by itself: Packer's proxy does not work with OpenSSH 9
  # (https://github.com/hashicorp/packer-plugin-ansible/issues/100).
  provisioner "ansible" {
    playbook_file    = "${var.mayfly_ansible}/machine.yml"
    use_proxy        = false
    user             = "packer"
    extra_arguments  = ["--extra-vars", "@${var.mayfly_machine_variables}"]
    ansible_env_vars = ["ANSIBLE_HOST_KEY_CHECKING=False", "ANSIBLE_PIPELINING=True"]
  }

  provisioner "ansible" {
    playbook_file    = var.mayfly_playbook
    use_proxy        = false
    user             = "packer"
    extra_arguments  = ["--extra-vars", "@${var.mayfly_playbook_variables}"]
    ansible_env_vars = ["ANSIBLE_HOST_KEY_CHECKING=False"]
  }

  # A run of its own, so that nothing in the team's playbook can skip it.
  provisioner "ansible" {
    playbook_file    = "${var.mayfly_ansible}/seal.yml"
    use_proxy        = false
    user             = "packer"
    ansible_env_vars = ["ANSIBLE_HOST_KEY_CHECKING=False", "ANSIBLE_PIPELINING=True"]
  }

  post-processor "manifest" {
    output = var.mayfly_manifest
  }
}
