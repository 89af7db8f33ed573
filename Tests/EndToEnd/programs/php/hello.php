<?php
header('Content-Type: text/plain');
usleep(1000 * intval($_GET['ms'] ?? 0));
// Not with error_log(), which tells the front server, in the request's own stream.
if (isset($_GET['say'])) file_put_contents('php://stderr', $_GET['say'] . "\n");
echo 'php ', getmypid(), ' ', getenv('GREETING');
