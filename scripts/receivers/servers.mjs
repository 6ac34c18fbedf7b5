// Real servers with the settings that they come with: how each is started on a loopback port out of a folder of its own,
// and how it is told to load its configuration anew under load, as operators do.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const WSGI = `def application(environ, start_response):
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
`;

const write = (folder, name, text) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const gunicorn = (more) => (folder, port) => {
  write(folder, "app.py", WSGI);
  return ["gunicorn", "--bind", `127.0.0.1:${port}`, "--chdir", folder, ...more, "app:application"];
};

const uwsgi = (more) => (folder, port) => {
  const file = write(folder, "app.py", WSGI);
  const plugin = ["--plugin", "python3", "--plugin", "http"];
  return ["uwsgi", ...plugin, ...more(port), "--wsgi-file", file, "--master", "--processes", "4", "--disable-logging"];
};

/** Debian's mpm_event.conf and the keep-alive settings of its apache2.conf. */
const apache = (folder, port) => {
  const modules = ["mpm_event", "authz_core", "rewrite"].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  );
  const settings = `ServerName localhost
Listen 127.0.0.1:${port}
User www-data
Group www-data
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
DocumentRoot ${folder}
ErrorLog ${folder}/log
Timeout 300
KeepAlive On
MaxKeepAliveRequests 100
KeepAliveTimeout 5
StartServers 2
MinSpareThreads 25
MaxSpareThreads 75
ThreadLimit 64
ThreadsPerChild 25
MaxRequestNodes 150
MaxConnectionsPerChild 0
RewriteEngine On
RewriteRule ^ - [R=204]
`;
  return ["apache2", "-DFOREGROUND", "-f", write(folder, "apache.conf", `${modules.join("\n")}\n${settings}`)];
};

const nginx = (folder, port) => {
  const settings = `worker_processes auto;
daemon off;
pid ${folder}/pid;
error_log ${folder}/log;
events { worker_connections 768; }
http {
  access_log off;
  client_body_temp_path ${folder};
  server { listen 127.0.0.1:${port}; location / { return 204; } }
}
`;
  return ["nginx", "-c", write(folder, "nginx.conf", settings), "-e", join(folder, "log")];
};

const haproxy = (folder, port) => {
  const settings = `defaults
  mode http
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend hooks
  bind 127.0.0.1:${port}
  http-request return status 200 content-type text/plain string ok
`;
  return ["haproxy", "-W", "-f", write(folder, "haproxy.cfg", settings)];
};

const caddy = (folder, port) => {
  const settings = `{\n  admin unix/${folder}/admin\n  auto_https off\n}\nhttp://127.0.0.1:${port} {\n  respond 204\n}\n`;
  return ["caddy", "run", "--adapter", "caddyfile", "--config", write(folder, "Caddyfile", settings)];
};

const reloadCaddy = (folder) => {
  const config = ["--adapter", "caddyfile", "--config", join(folder, "Caddyfile"), "--force"];
  return ["caddy", "reload", ...config, "--address", `unix/${folder}/admin`];
};

/** Keeps an idle connection for 5 s. It has no reload. */
const node = (folder, port) => {
  const text = `require("http").createServer((request, response) => {
  request.resume().on("end", () => response.end("ok"));
}).listen(${port}, "127.0.0.1");
`;
  return [process.execPath, write(folder, "server.cjs", text)];
};

const tinyproxy = (folder, port) => {
  const settings = `Port ${port}\nListen 127.0.0.1\nTimeout 600\nAllow 127.0.0.1\nMaxClients 100\nLogFile "${folder}/log"\n`;
  return ["tinyproxy", "-d", "-c", write(folder, "tinyproxy.conf", settings)];
};

const squid = (folder, port) => {
  const settings = `http_port 127.0.0.1:${port}
acl SSL_ports port 443
http_access deny CONNECT !SSL_ports
http_access allow localhost
http_access deny all
access_log none
cache_log ${folder}/log
pid_filename ${folder}/pid
coredump_dir ${folder}
pinger_enable off
memory_cache_shared off
max_filedescriptors 4096
shutdown_lifetime 1 seconds
`;
  return ["squid", "-N", "-f", write(folder, "squid.conf", settings)];
};

/**
 * `command(folder, port)` runs in the foreground. `reload` is the signal, or makes the command, that has it load its
 * configuration anew and let old connections finish. `stop` ends it. `proxy`: webhooks go to a receiver by way of it.
 * `again`: it is ended and started anew.
 */
export const SERVERS = [
  { name: "Apache 2.4, mpm_event", needs: "apache2", command: apache, reload: "SIGUSR1" },
  { name: "nginx", needs: "nginx", command: nginx, reload: "SIGHUP" },
  { name: "HAProxy", needs: "haproxy", command: haproxy, reload: "SIGUSR2" },
  { name: "Caddy", needs: "caddy", command: caddy, reload: reloadCaddy },
  { name: "Node.js http", needs: "node", command: node },
  { name: "gunicorn, sync", needs: "gunicorn", command: gunicorn(["--workers", "4"]), reload: "SIGHUP" },
  {
    name: "gunicorn, gthread, --max-requests 200",
    needs: "gunicorn",
    command: gunicorn(["-k", "gthread", "--workers", "2", "--threads", "8", "--max-requests", "200"]),
    reload: "SIGHUP",
  },
  {
    name: "uWSGI, --http-socket",
    needs: "uwsgi",
    command: uwsgi((port) => ["--http-socket", `127.0.0.1:${port}`]),
    reload: "SIGHUP",
    stop: "SIGINT",
  },
  {
    name: "uWSGI, --http, --http-keepalive",
    needs: "uwsgi",
    command: uwsgi((port) => ["--http", `127.0.0.1:${port}`, "--http-keepalive"]),
    reload: "SIGHUP",
    stop: "SIGINT",
  },
  { name: "through Tinyproxy", needs: "tinyproxy", command: tinyproxy, proxy: true, again: true },
  { name: "through Squid", needs: "squid", command: squid, proxy: true, again: true },
];
