<?php
header('Content-Type: text/plain; charset=utf-8');
header('Content-Length: 21');
echo "Hello from the peer.\n";
