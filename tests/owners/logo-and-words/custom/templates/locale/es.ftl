start-submit = Enviar mi código
done-title = Le damos la bienvenida
