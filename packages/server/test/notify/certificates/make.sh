#!/bin/sh
# Makes the certificates of the TLS tests: an authority, and servers that it vouches for in different ways.
# Valid for a century, but for the one that has expired; their keys protect nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"
touch index.txt
cat > ca.cnf <<END
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
policy = any
default_md = sha256
copy_extensions = copy
unique_subject = no
email_in_dn = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
END

# "openssl ca" is the one way to a certificate with a beginning and an end of one's own that every openssl has.
certificate() { # name, subjectAltName or "-", end, further arguments of "openssl ca"
  name=$1 names=$2 end=$3
  shift 3
  if [ "$names" = - ]; then names=""; else names="-addext subjectAltName=$names"; fi
  # shellcheck disable=SC2086
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" $names \
    -keyout "$name.key" -out "$name.csr" 2> /dev/null
  openssl ca -batch -notext -config ca.cnf -startdate 20200101000000Z -enddate "$end" "$@" \
    -in "$name.csr" -out "$name.crt" 2> /dev/null
}
END=21200101000000Z
by="-cert authority.crt -keyfile authority.key"
certificate authority - $END -selfsign -keyfile authority.key -extensions authority
certificate valid "DNS:localhost,DNS:hooks.test,IP:127.0.0.1,IP:::1" $END $by
certificate other "DNS:other.test" $END $by
certificate expired "DNS:localhost,IP:127.0.0.1" 20210101000000Z $by
certificate self "DNS:localhost,IP:127.0.0.1" $END -selfsign -keyfile self.key
rm authority.key
mv ./*.key authority.crt valid.crt other.crt expired.crt self.crt "$here"
