#   The provincial centre. Read by: kc-collector serve /var/lib/khuyencong --config /etc/khuyencong/collector.zpl
#   Options of the command line win over what stands here.

#   Where agents reach the centre; * is every address of this machine. Open this one TCP port in the firewall.
bind = "tcp://*:5570"

#   Where the page and the API are: this machine alone; "off" for none. A proxy with TLS passes others on, by this name.
#   http = "127.0.0.1:8570"
#   host = "khuyencong.example"
